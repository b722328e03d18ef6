"""What a job goes through: here, what cutting its circuit costs."""
