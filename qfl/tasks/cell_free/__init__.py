"""Cell-free MIMO as a federation: the server is the cloud, every access point is a client that trains its edge."""
