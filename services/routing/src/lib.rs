//! From tables to a snapshot, from a question to a decision, from a decision to Dial strings.
//!
//! Everything here is pure: no clock, no I/O, no dice. What a replica answers, every replica answers, and what
//! `explain` prints comes from the very function that answers calls.

pub mod tables;
