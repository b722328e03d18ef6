"""Who is served by when: jobs of cut circuits, schedulers of their fragments on unequal QPUs, a bound, a validator."""
