//! `wasi:filesystem`: what preview 1 has, too (`wasi::files`), with the numbers and structures of 0.2. A `descriptor` is a
//! [`Descriptor`], which the host's file or the node of a bundle is behind.
//!
//! Functions that look names up or read exist twice, for programs without and with bundles (`Variant::Bundle`): they are
//! generic over the [`Tree`] here, and `bundle` has the second symbols.

mod answer;
mod bundle;
mod contents;
mod descriptor;
mod entries;
mod error;
mod names;
mod preopens;
mod status;
mod streams;
