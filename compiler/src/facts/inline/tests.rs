//! Decisions about small programs.

use std::collections::BTreeMap;

use super::*;
use crate::parse;
use crate::program::{Builder, Call, Main, Results};

/// What is inlined into what, and which functions have no code, by indices; function 0 is the start.
fn decide(text: &str) -> (BTreeMap<u32, Vec<u32>>, Vec<u32>) {
    let wasm = wat::parse_str(text).unwrap();
    let module = parse::parse(&wasm, parse::features::SUPPORTED).unwrap();
    let mut builder = Builder::new(false);
    let instance = builder.instantiate(&module).unwrap();
    let func = FuncId::from_u32(0);
    let call = Call { func, arguments: Vec::new(), results: Results::Dropped, post_return: None };
    let program = builder.finish(Main::Command(vec![instance], vec![call]), None).unwrap();
    let facts = Facts::of(&program);
    let inlining = Inlining::of(&program, &facts, true, true);
    let numbers = |funcs: &[FuncId]| funcs.iter().map(|func| func.as_u32()).collect();
    let inlined = inlining.all().map(|(caller, callees)| (caller.as_u32(), numbers(callees))).collect();
    let absent = program.funcs.keys().filter(|func| !inlining.has_code(*func)).map(|func| func.as_u32());
    (inlined, absent.collect())
}

/// This many operators that have an effect.
fn work(count: u32) -> String {
    "(global.set $g (i32.const 1))".repeat(count as usize / 2)
}

const GLOBAL: &str = "(global $g (mut i32) (i32.const 0))";

#[test]
fn small_functions_are_inlined_through_others() {
    let text =
        "(module (func (drop (call 1 (i32.const 1)))) (func (param i32) (result i32) (call 2 (local.get 0)))
        (func (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))";
    assert_eq!(decide(text), (BTreeMap::from([(0, vec![1]), (1, vec![2])]), vec![1, 2]));
}

#[test]
fn what_else_is_entered_has_code() {
    let small = "(func (param i32) (result i32) (local.get 0))";
    let text = format!(
        r#"(module (type $t (func (param i32) (result i32))) (table 1 funcref) (elem (i32.const 0) 1)
        (func (drop (call 1 (i32.const 1))) (drop (call 2 (ref.func 2) (i32.const 1)))
            (drop (call_indirect (type $t) (i32.const 1) (i32.const 0))))
        {small} (func (param funcref i32) (result i32) (local.get 1)) (elem declare func 2))"#
    );
    assert_eq!(decide(&text), (BTreeMap::from([(0, vec![1, 2])]), vec![]));
}

#[test]
fn recursion_ends_inlining() {
    // 1 and 2 call one another, 3 itself; 4 calls 1 only.
    let text = "(module (func (call 1) (call 3) (call 4)) (func (call 2)) (func (call 1)) (func (call 3)) (func (call 1)))";
    assert_eq!(decide(text), (BTreeMap::from([(0, vec![4])]), vec![4]));
}

#[test]
fn larger_functions_are_inlined_where_they_are_called_only_once() {
    let (once, twice, large) = (work(SINGLE - 10), work(TINY + 2), work(SINGLE + 10));
    let text = format!(
        "(module {GLOBAL} (func (call 1) (call 2) (call 2) (call 3)) (func {once}) (func {twice}) (func {large}))"
    );
    assert_eq!(decide(&text), (BTreeMap::from([(0, vec![1])]), vec![1]));
}

#[test]
fn functions_grow_by_half_at_most() {
    let calls = |count: u32| "(call 1)".repeat(count as usize);
    let tiny = work(TINY - 2);
    let text = |count| format!("(module {GLOBAL} (func {}) (func {tiny}))", calls(count));
    assert_eq!(decide(&text(100)).0, BTreeMap::from([(0, vec![1])]));
    assert_eq!(decide(&text(LARGE)).0, BTreeMap::new());
    let text = |count| format!("(module {GLOBAL} (func {} (call 1)) (func {tiny}))", work(count));
    assert_eq!(decide(&text(HUGE / 2)).0, BTreeMap::from([(0, vec![1])]));
    assert_eq!(decide(&text(HUGE)).0, BTreeMap::new());
}

#[test]
fn every_target_of_a_table_of_branches_counts() {
    let text = |targets| {
        let table = format!("(block (br_table {} (local.get 0)))", "0 ".repeat(targets));
        format!("(module (func (call 1 (i32.const 1)) (call 1 (i32.const 2))) (func (param i32) {table}))")
    };
    assert_eq!(decide(&text(5)).0, BTreeMap::from([(0, vec![1])]));
    assert_eq!(decide(&text(20)).0, BTreeMap::new());
    // Where it is the only call, too.
    let single = |targets| text(targets).replace("(call 1 (i32.const 2))", "");
    assert_eq!(decide(&single(100)).0, BTreeMap::from([(0, vec![1])]));
    assert_eq!(decide(&single(60_000)).0, BTreeMap::new());
}

#[test]
fn empty_functions_are_not_inlined_any_number_of_times() {
    let text = |count: u32| format!("(module (func {}) (func))", "(call 1)".repeat(count as usize));
    assert_eq!(decide(&text(100)).0, BTreeMap::from([(0, vec![1])]));
    assert_eq!(decide(&text(2 * LARGE)).0, BTreeMap::new());
}

#[test]
fn calls_that_do_not_return_stay() {
    let text = format!("(module {GLOBAL} (func (call 1) unreachable) (func (global.set $g (i32.const 1))))");
    assert_eq!(decide(&text), (BTreeMap::new(), vec![]));
}

#[test]
fn nesting_is_bounded() {
    let count = 3 * Inlining::DEEPEST;
    let chain: String = (1..=count).map(|next| format!("(func (call {next}))")).collect();
    let (inlined, absent) =
        decide(&format!("(module {GLOBAL} {chain} (func (global.set $g (i32.const 1))))"));
    assert_eq!(inlined.len() + 2, count as usize);
    assert_eq!(absent.len() + 2, count as usize);
}
