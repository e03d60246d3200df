pub mod bench;
pub mod cli;
pub mod filetests;
pub mod fuzz;
pub mod harness;
pub mod programs;
pub mod server;
pub mod spec;
