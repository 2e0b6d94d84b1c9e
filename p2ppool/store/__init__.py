"""The database: models, migrations, transactions, and the vault for secrets."""
