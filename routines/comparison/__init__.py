"""What a comparison is made of: trainings, where they run, the ledger, and what it all says."""
