"""Facts and who may ask, in PostgreSQL, with Redis and the process's own memory in front."""
