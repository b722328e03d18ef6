"""What a client trains: one model a file, each a pure function of an angle vector and inputs."""
