#![no_main]

#[path = "../../services/calls/tests/calls/fuzzed.rs"]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|stream: &[u8]| fuzzed::check(stream));
