-- What of a candidate's views is needed to cut segments: its newest step. Grain: customer.
CREATE VIEW candidates.angles AS FROM traces.angles JOIN newest USING (states_id);
CREATE VIEW candidates.trajectories AS FROM traces.states JOIN newest USING (states_id)
