"""Finding records: Chinese analysis, the Whoosh index of records, and the outbox that feeds it."""
