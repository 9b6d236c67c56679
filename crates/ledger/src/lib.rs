//! The durable record; today the facts cache.

pub mod cache;
