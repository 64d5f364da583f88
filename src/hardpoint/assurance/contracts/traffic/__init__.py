"""Traffic: what a service was seen to take and to give, beside what its contract promises."""
