//! the durable record; today the facts cache
