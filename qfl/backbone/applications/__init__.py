"""What a controller asks for, without learning which backend ran: so far traffic engineering."""
