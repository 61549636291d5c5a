//! The field's figures for pulse and breathing.

#[cfg(test)]
mod parity;
pub mod protocol;
