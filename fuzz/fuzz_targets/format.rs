//! A text of either form is laid out and converted.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use wf_fuzz::{
    laws,
    mutate::{form, step},
};

fuzz_target!(|text: &str| laws::format(form(text), text));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    step(data, size, max_size, seed, fuzzer_mutate)
});
