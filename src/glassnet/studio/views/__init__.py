"""What a page shows of a run at a step, as plain values: functions of a `Look`, in one table."""
