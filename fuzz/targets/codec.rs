#![no_main]

#[path = "../../services/asterisk/tests/ami/fuzzed.rs"]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|stream: &[u8]| fuzzed::check(stream));
