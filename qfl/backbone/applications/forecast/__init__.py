"""Traffic forecasts by a variational circuit, beside the last value, autoregression and a recurrent network."""
