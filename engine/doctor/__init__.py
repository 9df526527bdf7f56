"""What has to be known of a machine before a measurement: facts that are gathered, findings about them."""
