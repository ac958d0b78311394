"""Every bound of the store, by name and unit."""

DATABASE_CONNECTIONS_MAX = 4
"""For looking up facts, per process. Look-ups of the same moment share one."""
DATABASE_CONNECT_SECONDS = 3.0
DATABASE_SLOT_SECONDS = 2.0
"""For a free connection."""
DATABASE_LOOKUP_SECONDS = 2.0

REDIS_SECONDS = 0.2
"""For connecting and for each exchange. Asking PostgreSQL takes about a millisecond, so longer is not worth waiting; in
a burst of new questions one turn of our own event loop takes up to 60 ms, so that shorter would blame Redis for us."""
REDIS_REST_SECONDS = 1.0
"""After a failure nobody asks Redis for so long; then one batch tries."""
REDIS_FAILURE_LINES_SECONDS = 60.0
"""Between two log lines about Redis, however often it fails."""
REDIS_CONNECTIONS_MAX = 16
REDIS_TTL_SECONDS = 3600

PROCESS_FACTS_MAX = 10_000
"""Facts kept in the process. A contract takes about 8 kB there, so this is about 80 MB."""

LISTENER_START_SECONDS = 1.0
"""How long opening the store waits to hear of changes; without PostgreSQL it opens all the same."""
LISTENER_CHECK_SECONDS = 5.0
"""How often the listening connection is asked whether it still is one."""
LISTENER_RETRY_SECONDS_MIN = 0.1
LISTENER_RETRY_SECONDS_MAX = 5.0

MIGRATION_LOCK_SECONDS = 60.0
"""For another process that is migrating."""

LOAD_CONTRACTS_PER_TRANSACTION = 2_000
LOAD_CLAIMS_PER_TRANSACTION = 1_000
LOAD_ROWS_PER_TRANSACTION = 5_000

AUDIT_STATEMENT_SECONDS = 3.0
AUDIT_ENTRIES_PER_COMMIT = 1_024
"""All who waited for the same change: the first of them ask again at once, and would delay those of a second commit."""
AUDIT_PAYLOAD_BYTES_PER_COMMIT = 8 * 1024 * 1024
"""A commit takes no more entries once what was asked in them has reached this."""
AUDIT_ENTRIES_WAITING_MAX = 10_000
"""More inquiries than that do not wait for their record: they are told to come back."""
AUDIT_ELEMENT_CHARACTERS_MAX = 80
"""Of what a partner sent; none of the elements that are kept may be longer than 50, and a longer one is cut."""
AUDIT_SENT_DELAY_SECONDS = 0.25
"""How long the moments of sending wait for a commit to go with, before they get one of their own."""
AUDIT_SENT_WAITING_MAX = 20_000

CHANGES_PER_PAGE = 200
"""A change is about 2 kB of JSON, so a page has at most 400 kB."""
CHANGE_READERS_PER_STATEMENT = 1_000
"""Who follows claims and is read for at once, each for some 30 µs of PostgreSQL; as many as share an audit commit."""
REVIEWS_PER_PAGE = 100
"""Read at a time of those that wait; each is about 5 kB of JSON."""
CHANGES_PER_PRUNING = 5_000
"""Old changes that are taken away in one transaction, which takes about 50 ms."""
INQUIRIES_PER_FORGETTING = 2_000
"""Kept inquiries that are given up in one transaction, which takes about 50 ms."""
PRUNING_PAUSE_SECONDS = 0.5
"""Between two such transactions, so that answers do not wait behind them."""
PRUNING_EVERY_SECONDS = 3_600.0

LATE_RECORDS_MAX = 512
"""What may be told and not be on record yet, per process: only that nothing has changed (`gateway.audit`)."""
NAMED_FACTS_MAX = 20_000
"""Facts of which a process remembers that a record has named them; each is a key and a number."""
FACTS_KEPT_PER_STATEMENT = 200
"""Before anything is told by them; each takes PostgreSQL some 20 µs."""
FACTS_KEPT_PER_FOLLOWER_MAX = 50
"""Of one who waits, before there is anything to tell; what is told by others keeps them."""
LATE_RECORDS_SECONDS = 0.05
"""How long such records wait for others to share their commit."""
