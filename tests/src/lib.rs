pub mod bench;
pub mod programs;
pub mod spec;
