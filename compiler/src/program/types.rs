//! Types across modules. A canonical type names function types by `SignatureId` where a module has
//! its own type indices, so that equal types are equal whatever module they come from.

use std::collections::HashMap;

use cranelift_entity::{EntityRef, PrimaryMap};
use wasmparser::{AbstractHeapType, FuncType, HeapType, RefType, UnpackedIndex, ValType};

use super::SignatureId;
use crate::parse::TypeIndex;

/// A module's function types, by the index that they have there.
pub type ModuleSignatures = PrimaryMap<TypeIndex, SignatureId>;

/// Canonical numbers for function types. Types are equal if their whole recursion groups are and they
/// have the same place in them (specification, "Rolling and unrolling"); this maps each group to the
/// number of its first type.
#[derive(Default)]
pub struct Signatures(HashMap<Vec<FuncType>, SignatureId>);

impl Signatures {
    /// Adds a module's types, in order: a type refers to earlier ones, or to others of its group.
    pub fn intern_module(
        &mut self,
        all: &mut PrimaryMap<SignatureId, FuncType>,
        types: &PrimaryMap<TypeIndex, FuncType>,
        groups: &[usize],
    ) -> ModuleSignatures {
        let mut known = ModuleSignatures::new();
        let mut rest = types.values();
        for size in groups {
            let list = |types: &[ValType]| types.iter().map(|ty| canonical(*ty, &known)).collect::<Vec<_>>();
            let canonical = |ty: &FuncType| FuncType::new(list(ty.params()), list(ty.results()));
            let group: Vec<FuncType> = rest.by_ref().take(*size).map(canonical).collect();
            let first = *self.0.entry(group).or_insert_with_key(|group| {
                let first = all.next_key();
                group.iter().for_each(|ty| _ = all.push(ty.clone()));
                first
            });
            for place in 0..*size {
                known.push(SignatureId::new(first.index() + place));
            }
        }
        known
    }
}

/// The canonical form of a type of a module. A type that isn't known yet can only be one of the group
/// that is being defined.
pub fn canonical(ty: ValType, known: &ModuleSignatures) -> ValType {
    match ty {
        ValType::Ref(ty) => ValType::Ref(canonical_ref(ty, known)),
        number => number,
    }
}

/// As `canonical`, for a reference type.
pub fn canonical_ref(ty: RefType, known: &ModuleSignatures) -> RefType {
    let HeapType::Concrete(UnpackedIndex::Module(index)) = ty.heap_type() else { return ty };
    let index = match known.get(TypeIndex::from_u32(index)) {
        Some(id) => UnpackedIndex::Module(id.as_u32()),
        None => UnpackedIndex::RecGroup(index - known.len() as u32),
    };
    RefType::new(ty.is_nullable(), HeapType::Concrete(index)).expect("no more types than a module has")
}

/// The signature that a canonical heap type names.
fn signature_of(ty: HeapType) -> Option<SignatureId> {
    match ty {
        HeapType::Concrete(UnpackedIndex::Module(index)) => Some(SignatureId::new(index as usize)),
        _ => None,
    }
}

/// Are the values of this type references of functions?
pub fn is_function_reference(ty: RefType) -> bool {
    let function = HeapType::Abstract { shared: false, ty: AbstractHeapType::Func };
    ty.heap_type() == function || signature_of(ty.heap_type()).is_some()
}

/// Are the values of this type references of exceptions?
pub fn is_exception_reference(ty: ValType) -> bool {
    use AbstractHeapType::{Exn, NoExn};
    let ValType::Ref(ty) = ty else { return false };
    matches!(ty.heap_type(), HeapType::Abstract { ty: Exn | NoExn, .. })
}

/// Is a value of `found` also one of `wanted`? (Specification, "Matching": value types.)
pub fn matches(found: ValType, wanted: ValType) -> bool {
    match (found, wanted) {
        (ValType::Ref(found), ValType::Ref(wanted)) => {
            (wanted.is_nullable() || !found.is_nullable())
                && heap_matches(found.heap_type(), wanted.heap_type())
        }
        _ => found == wanted,
    }
}

fn heap_matches(found: HeapType, wanted: HeapType) -> bool {
    use AbstractHeapType::{
        Any, Array, Eq, Exn, Extern, Func, I31, NoExn, NoExtern, NoFunc, None as Bottom, Struct,
    };
    if found == wanted {
        return true;
    }
    let abstract_type = |ty| match ty {
        HeapType::Abstract { ty, .. } => Some(ty),
        _ => None,
    };
    match (abstract_type(found), abstract_type(wanted)) {
        (None, Some(Func)) => signature_of(found).is_some(),
        (Some(NoFunc), None) => signature_of(wanted).is_some(),
        (Some(Bottom), Some(Any | Eq | I31 | Struct | Array)) => true,
        (Some(I31 | Struct | Array), Some(Eq | Any)) | (Some(Eq), Some(Any)) => true,
        (Some(NoFunc), Some(Func)) | (Some(NoExtern), Some(Extern)) | (Some(NoExn), Some(Exn)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(nullable: bool, index: u32) -> ValType {
        let heap = HeapType::Concrete(UnpackedIndex::Module(index));
        ValType::Ref(RefType::new(nullable, heap).unwrap())
    }

    #[test]
    fn equal_types_of_two_modules_are_one() {
        let (mut signatures, mut all) = (Signatures::default(), PrimaryMap::new());
        let plain = FuncType::new([ValType::I32], []);
        let user = |index| FuncType::new([reference(true, index)], []);
        let mut intern = |types: &[&FuncType], groups: &[usize]| {
            let types = types.iter().map(|ty| (*ty).clone()).collect();
            signatures.intern_module(&mut all, &types, groups)
        };
        let first = intern(&[&plain, &user(0)], &[1, 1]);
        let second = intern(&[&user(0), &plain, &user(1)], &[1, 1, 1]);
        let group = intern(&[&plain, &user(0)], &[2]);
        let at = |map: &ModuleSignatures, index| map[TypeIndex::new(index)];
        assert_eq!(at(&first, 0), at(&second, 1));
        assert_eq!(at(&first, 1), at(&second, 2));
        assert_ne!(at(&second, 0), at(&second, 2));
        assert_ne!(at(&first, 1), at(&group, 1));
    }

    #[test]
    fn matching() {
        assert!(matches(reference(false, 1), reference(true, 1)));
        assert!(!matches(reference(true, 1), reference(false, 1)));
        assert!(!matches(reference(true, 1), reference(true, 2)));
        assert!(matches(reference(false, 1), ValType::FUNCREF));
        assert!(!matches(reference(false, 1), ValType::EXTERNREF));
    }
}
