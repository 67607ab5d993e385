"""The data plane at rest: columns, stable ids, immutable Parquet snapshots."""
