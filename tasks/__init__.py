"""One module a stage, named by its verb: reads the warehouse, calls model/ or sql/, writes the warehouse."""
