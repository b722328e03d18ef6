"""Which user each access point of a cell-free network serves."""
