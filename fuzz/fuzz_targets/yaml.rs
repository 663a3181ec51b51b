//! A YAML text is read.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use wf::syntax::ast::Form;
use wf_fuzz::{laws, mutate::step};

fuzz_target!(|text: &str| laws::read(Form::Yaml, text));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    step(data, size, max_size, seed, fuzzer_mutate)
});
