//! What has been found out about some of a function's values or blocks.

use cranelift_entity::{EntityRef, SecondaryMap};

/// As quick as an array with a place for each key, of four bytes.
pub struct Memo<K: EntityRef, T> {
    /// The place of what is known of a key, and 1.
    places: SecondaryMap<K, u32>,
    known: Vec<T>,
}

impl<K: EntityRef, T> Memo<K, T> {
    pub fn new() -> Memo<K, T> {
        Memo { places: SecondaryMap::new(), known: Vec::new() }
    }

    pub fn get(&self, key: K) -> Option<&T> {
        Some(&self.known[self.places[key].checked_sub(1)? as usize])
    }

    /// What is known of a key; `T`'s default, if nothing is.
    pub fn entry(&mut self, key: K) -> &mut T
    where
        T: Default,
    {
        if self.places[key] == 0 {
            self.set(key, T::default());
        }
        &mut self.known[self.places[key] as usize - 1]
    }

    pub fn set(&mut self, key: K, value: T) {
        let place = &mut self.places[key];
        match place.checked_sub(1) {
            Some(known) => self.known[known as usize] = value,
            None => {
                self.known.push(value);
                *place = self.known.len() as u32;
            }
        }
    }
}
