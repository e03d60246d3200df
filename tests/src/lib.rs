
pub mod bench;
pub mod programs;
