"""What leaves the house, and the words it leaves in."""
