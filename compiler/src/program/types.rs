//! Types across modules. A canonical type names other types by `TypeId` where a module has its own type
//! indices, so that equal types are equal whatever module they come from.
//!
//! In a closed world all subtypes of a type are known. So types are numbered in a way that makes a type and
//! all its subtypes a range: testing whether an object or a function has a type takes one subtraction and one
//! comparison.

use std::collections::HashMap;
use std::ops::Range;

use cranelift_entity::{EntityRef, PrimaryMap, SecondaryMap};
use wasmparser::{
    AbstractHeapType, ArrayType, CompositeInnerType, FieldType, FuncType, HeapType, PackedIndex, RefType,
    StorageType, StructType, SubType, UnpackedIndex, ValType,
};

use super::entity::TypeId;
use crate::parse::TypeIndex;

/// A module's types, by their index there.
pub type ModuleTypes = PrimaryMap<TypeIndex, TypeId>;

/// The types of a program. Types are equal if their whole recursion groups are equal and they have the same
/// position in them (specification, "Rolling and unrolling").
#[derive(Default)]
pub struct Types {
    all: PrimaryMap<TypeId, SubType>,
    /// Maps each group to the number of its first type. Within a group, its own types are named by position.
    groups: HashMap<Vec<SubType>, TypeId>,
    ranges: SecondaryMap<TypeId, Range<u32>>,
    structs: u32,
    arrays: u32,
}

/// What the values of a reference type are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hierarchy {
    Any,
    Func,
    Extern,
    Exn,
}

impl Types {
    /// Adds a module's types, in order: a type refers to earlier ones, or to others of its group.
    pub fn intern_module(
        &mut self,
        types: &PrimaryMap<TypeIndex, SubType>,
        group_sizes: &[usize],
    ) -> ModuleTypes {
        let mut known = ModuleTypes::new();
        let mut rest = types.values();
        for size in group_sizes {
            let group: Vec<SubType> = rest.by_ref().take(*size).map(|ty| canonical_sub(ty, &known)).collect();
            let first = match self.groups.get(&group) {
                Some(first) => *first,
                None => {
                    let first = self.all.next_key();
                    // The same group, with its own types named like all others.
                    let places = (0..*size).map(|place| TypeId::new(first.index() + place));
                    let own: ModuleTypes = places.collect();
                    for ty in &group {
                        self.all.push(map_sub(ty, |index| match index {
                            UnpackedIndex::RecGroup(place) => {
                                UnpackedIndex::Module(own[TypeIndex::from_u32(place)].as_u32())
                            }
                            other => other,
                        }));
                    }
                    self.groups.insert(group, first);
                    first
                }
            };
            for place in 0..*size {
                known.push(TypeId::new(first.index() + place));
            }
        }
        known
    }

    /// The function type with this number.
    pub fn signature(&self, id: TypeId) -> &FuncType {
        match &self.all[id].composite_type.inner {
            CompositeInnerType::Func(ty) => ty,
            other => unreachable!("validated: a type of functions, not {other}"),
        }
    }

    /// The canonical type of functions with these parameters and results, which are numbers.
    pub fn function(&mut self, ty: FuncType) -> TypeId {
        let types = [SubType::func(ty, false)].into_iter().collect();
        self.intern_module(&types, &[1])[TypeIndex::from_u32(0)]
    }

    pub fn iter(&self) -> impl Iterator<Item = (TypeId, &CompositeInnerType)> {
        self.all.iter().map(|(id, ty)| (id, &ty.composite_type.inner))
    }

    pub fn composite(&self, id: TypeId) -> &CompositeInnerType {
        &self.all[id].composite_type.inner
    }

    /// The type that this one is declared to be a subtype of.
    pub fn supertype(&self, id: TypeId) -> Option<TypeId> {
        self.all[id].supertype_idxs.first().and_then(|index| type_of(index.unpack()))
    }

    /// The root of its supertypes. Functions whose types have the same root are called in the same way.
    pub fn root(&self, id: TypeId) -> TypeId {
        std::iter::successors(Some(id), |id| self.supertype(*id)).last().unwrap_or(id)
    }

    pub fn is_subtype(&self, id: TypeId, of: TypeId) -> bool {
        std::iter::successors(Some(id), |id| self.supertype(*id)).any(|id| id == of)
    }

    /// Gives every type its number, once all types are known.
    pub fn complete(&mut self) {
        let mut sizes: SecondaryMap<TypeId, u32> = SecondaryMap::with_default(1);
        sizes.resize(self.all.len());
        // Supertypes come before their subtypes.
        for id in self.all.keys().rev() {
            if let Some(supertype) = self.supertype(id) {
                sizes[supertype] += sizes[id];
            }
        }
        let (mut functions, mut structs, mut arrays) = (0, 0, 0);
        let mut next: SecondaryMap<TypeId, u32> = SecondaryMap::new();
        for id in self.all.keys() {
            let place = match (self.supertype(id), self.composite(id)) {
                (Some(supertype), _) => &mut next[supertype],
                (None, CompositeInnerType::Struct(_)) => &mut structs,
                (None, CompositeInnerType::Array(_)) => &mut arrays,
                (None, _) => &mut functions,
            };
            let first = *place;
            *place += sizes[id];
            next[id] = first + 1;
            self.ranges[id] = first..first + sizes[id];
        }
        (self.structs, self.arrays) = (structs, arrays);
        for id in self.all.keys() {
            if matches!(self.composite(id), CompositeInnerType::Array(_)) {
                let Range { start, end } = self.ranges[id];
                self.ranges[id] = start + structs..end + structs;
            }
        }
    }

    /// The numbers of a type and its subtypes: function types count from 0, and so do object types,
    /// structures first.
    pub fn range(&self, id: TypeId) -> Range<u32> {
        self.ranges[id].clone()
    }

    /// The numbers of all structure types, and of all array types.
    pub fn struct_range(&self) -> Range<u32> {
        0..self.structs
    }

    pub fn array_range(&self) -> Range<u32> {
        self.structs..self.structs + self.arrays
    }

    pub fn hierarchy(&self, ty: HeapType) -> Hierarchy {
        use AbstractHeapType::{Exn, Extern, Func, NoExn, NoExtern, NoFunc};
        match ty {
            HeapType::Abstract { ty: Func | NoFunc, .. } => Hierarchy::Func,
            HeapType::Abstract { ty: Extern | NoExtern, .. } => Hierarchy::Extern,
            HeapType::Abstract { ty: Exn | NoExn, .. } => Hierarchy::Exn,
            HeapType::Abstract { .. } => Hierarchy::Any,
            _ => match named_type(ty).map(|id| self.composite(id)) {
                Some(CompositeInnerType::Struct(_) | CompositeInnerType::Array(_)) => Hierarchy::Any,
                _ => Hierarchy::Func,
            },
        }
    }

    /// Whether a value of `found` is also one of `wanted`. (Specification, "Matching": value types.)
    pub fn matches(&self, found: ValType, wanted: ValType) -> bool {
        match (found, wanted) {
            (ValType::Ref(found), ValType::Ref(wanted)) => {
                (wanted.is_nullable() || !found.is_nullable())
                    && self.heap_matches(found.heap_type(), wanted.heap_type())
            }
            _ => found == wanted,
        }
    }

    pub fn heap_matches(&self, found: HeapType, wanted: HeapType) -> bool {
        use AbstractHeapType::{
            Any, Array, Eq, Exn, Extern, Func, I31, NoExn, NoExtern, NoFunc, None as Bottom, Struct,
        };
        let abstract_type = |ty| match ty {
            HeapType::Abstract { ty, .. } => Some(ty),
            _ => None,
        };
        let (found_type, wanted_type) = (named_type(found), named_type(wanted));
        match (abstract_type(found), abstract_type(wanted)) {
            _ if found == wanted => true,
            (None, None) => match (found_type, wanted_type) {
                (Some(found), Some(wanted)) => self.is_subtype(found, wanted),
                _ => false,
            },
            (None, Some(wanted)) => match found_type.map(|id| self.composite(id)) {
                Some(CompositeInnerType::Func(_)) => wanted == Func,
                Some(CompositeInnerType::Struct(_)) => matches!(wanted, Any | Eq | Struct),
                Some(CompositeInnerType::Array(_)) => matches!(wanted, Any | Eq | Array),
                _ => false,
            },
            (Some(NoFunc), None) => self.hierarchy(wanted) == Hierarchy::Func,
            (Some(Bottom), None) => self.hierarchy(wanted) == Hierarchy::Any,
            (Some(Bottom), Some(Any | Eq | I31 | Struct | Array)) => true,
            (Some(I31 | Struct | Array), Some(Eq | Any)) | (Some(Eq), Some(Any)) => true,
            (Some(NoFunc), Some(Func)) | (Some(NoExtern), Some(Extern)) | (Some(NoExn), Some(Exn)) => true,
            _ => false,
        }
    }

    /// Whether the collector follows references of this type.
    pub fn is_traced(&self, ty: HeapType) -> bool {
        self.hierarchy(ty) != Hierarchy::Func
    }

    /// The fields of a structure type.
    pub fn fields(&self, id: TypeId) -> &[FieldType] {
        match self.composite(id) {
            CompositeInnerType::Struct(ty) => &ty.fields,
            other => unreachable!("validated: a structure, not {other}"),
        }
    }

    /// The elements of an array type.
    pub fn element(&self, id: TypeId) -> FieldType {
        match self.composite(id) {
            CompositeInnerType::Array(ty) => ty.0,
            other => unreachable!("validated: an array, not {other}"),
        }
    }

    /// Whether the values of this type are function references.
    pub fn is_function_reference(&self, ty: RefType) -> bool {
        self.hierarchy(ty.heap_type()) == Hierarchy::Func
    }
}

fn type_of(index: UnpackedIndex) -> Option<TypeId> {
    match index {
        UnpackedIndex::Module(index) => Some(TypeId::from_u32(index)),
        _ => None,
    }
}

/// The type that a canonical heap type names.
pub fn named_type(ty: HeapType) -> Option<TypeId> {
    match ty {
        HeapType::Concrete(index) | HeapType::Exact(index) => type_of(index),
        HeapType::Abstract { .. } => None,
    }
}

/// Whether the values of this type are exception references.
pub fn is_exception_reference(ty: ValType) -> bool {
    use AbstractHeapType::{Exn, NoExn};
    let ValType::Ref(ty) = ty else { return false };
    matches!(ty.heap_type(), HeapType::Abstract { ty: Exn | NoExn, .. })
}

/// The canonical form of a module's type index. A type that isn't known yet can only belong to the group that
/// is being defined.
fn canonical_index(index: UnpackedIndex, known: &ModuleTypes) -> UnpackedIndex {
    let UnpackedIndex::Module(index) = index else { return index };
    match known.get(TypeIndex::from_u32(index)) {
        Some(id) => UnpackedIndex::Module(id.as_u32()),
        None => UnpackedIndex::RecGroup(index - known.len() as u32),
    }
}

/// The canonical form of a type of a module.
pub fn canonical(ty: ValType, known: &ModuleTypes) -> ValType {
    map_value(ty, &|index| canonical_index(index, known))
}

/// Like `canonical`, for a reference type.
pub fn canonical_ref(ty: RefType, known: &ModuleTypes) -> RefType {
    map_ref(ty, &|index| canonical_index(index, known))
}

/// Like `canonical`, for a heap type.
pub fn canonical_heap(ty: HeapType, known: &ModuleTypes) -> HeapType {
    map_heap(ty, &|index| canonical_index(index, known))
}

fn canonical_sub(ty: &SubType, known: &ModuleTypes) -> SubType {
    map_sub(ty, |index| canonical_index(index, known))
}

fn map_heap(ty: HeapType, map: &impl Fn(UnpackedIndex) -> UnpackedIndex) -> HeapType {
    match ty {
        HeapType::Concrete(index) => HeapType::Concrete(map(index)),
        HeapType::Exact(index) => HeapType::Exact(map(index)),
        other => other,
    }
}

fn map_ref(ty: RefType, map: &impl Fn(UnpackedIndex) -> UnpackedIndex) -> RefType {
    RefType::new(ty.is_nullable(), map_heap(ty.heap_type(), map)).expect("no more types than a module has")
}

fn map_value(ty: ValType, map: &impl Fn(UnpackedIndex) -> UnpackedIndex) -> ValType {
    match ty {
        ValType::Ref(ty) => ValType::Ref(map_ref(ty, map)),
        number => number,
    }
}

/// A type with its indices replaced.
fn map_sub(ty: &SubType, map: impl Fn(UnpackedIndex) -> UnpackedIndex) -> SubType {
    let list = |types: &[ValType]| types.iter().map(|ty| map_value(*ty, &map)).collect::<Vec<_>>();
    let field = |field: &FieldType| FieldType {
        element_type: match field.element_type {
            StorageType::Val(ty) => StorageType::Val(map_value(ty, &map)),
            packed => packed,
        },
        mutable: field.mutable,
    };
    let mut mapped = ty.clone();
    let pack = |index: &PackedIndex| map(index.unpack()).pack().expect("no more types than a module has");
    mapped.supertype_idxs = ty.supertype_idxs.iter().map(pack).collect();
    mapped.composite_type.inner = match &ty.composite_type.inner {
        CompositeInnerType::Func(ty) => {
            CompositeInnerType::Func(FuncType::new(list(ty.params()), list(ty.results())))
        }
        CompositeInnerType::Array(ty) => CompositeInnerType::Array(ArrayType(field(&ty.0))),
        CompositeInnerType::Struct(ty) => {
            CompositeInnerType::Struct(StructType { fields: ty.fields.iter().map(field).collect() })
        }
        CompositeInnerType::Cont(ty) => CompositeInnerType::Cont(ty.clone()),
    };
    mapped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(nullable: bool, index: u32) -> ValType {
        let heap = HeapType::Concrete(UnpackedIndex::Module(index));
        ValType::Ref(RefType::new(nullable, heap).unwrap())
    }

    fn function(ty: &FuncType) -> SubType {
        SubType::func(ty.clone(), false)
    }

    fn at(map: &ModuleTypes, index: usize) -> TypeId {
        map[TypeIndex::new(index)]
    }

    #[test]
    fn equal_types_of_two_modules_are_one() {
        let mut all = Types::default();
        let plain = FuncType::new([ValType::I32], []);
        let user = |index| FuncType::new([reference(true, index)], []);
        let mut intern = |types: &[&FuncType], groups: &[usize]| {
            let types = types.iter().map(|ty| function(ty)).collect();
            all.intern_module(&types, groups)
        };
        let first = intern(&[&plain, &user(0)], &[1, 1]);
        let second = intern(&[&user(0), &plain, &user(1)], &[1, 1, 1]);
        let group = intern(&[&plain, &user(0)], &[2]);
        assert_eq!(at(&first, 0), at(&second, 1));
        assert_eq!(at(&first, 1), at(&second, 2));
        assert_ne!(at(&second, 0), at(&second, 2));
        assert_ne!(at(&first, 1), at(&group, 1));
    }

    /// A structure type without fields, a subtype of the type with this index.
    fn structure(supertype: Option<u32>) -> SubType {
        let mut ty = function(&FuncType::new([], []));
        ty.is_final = false;
        let pack = |index| UnpackedIndex::Module(index).pack().unwrap();
        ty.supertype_idxs = supertype.map(pack).into_iter().collect();
        ty.composite_type.inner = CompositeInnerType::Struct(StructType { fields: Box::new([]) });
        ty
    }

    #[test]
    fn subtypes_are_a_range() {
        let mut all = Types::default();
        // 0 has the subtypes 1 and 3, 1 has 2 and 4; 5 is alone.
        let supertypes = [None, Some(0), Some(1), Some(0), Some(1), None];
        let types = supertypes.into_iter().map(structure).collect();
        let known = all.intern_module(&types, &[6]);
        all.complete();
        let ids: Vec<TypeId> = known.values().copied().collect();
        let mut firsts: Vec<u32> = ids.iter().map(|id| all.range(*id).start).collect();
        for a in &ids {
            for b in &ids {
                let inside = all.range(*b).contains(&all.range(*a).start);
                assert_eq!(inside, all.is_subtype(*a, *b), "{a:?} {b:?}");
            }
        }
        firsts.sort_unstable();
        assert_eq!(firsts, [0, 1, 2, 3, 4, 5]);
        assert_eq!(all.struct_range(), 0..6);
        assert_eq!(all.root(at(&known, 4)), at(&known, 0));
    }

    #[test]
    fn matching() {
        let mut all = Types::default();
        let plain = FuncType::new([ValType::I32], []);
        let types = [function(&plain), function(&plain), structure(None), structure(Some(2))];
        all.intern_module(&types.into_iter().collect(), &[4]);
        assert!(all.matches(reference(false, 1), reference(true, 1)));
        assert!(!all.matches(reference(true, 1), reference(false, 1)));
        assert!(!all.matches(reference(true, 1), reference(true, 0)));
        assert!(all.matches(reference(false, 1), ValType::FUNCREF));
        assert!(!all.matches(reference(false, 1), ValType::EXTERNREF));
        assert!(all.matches(reference(true, 3), reference(true, 2)));
        assert!(!all.matches(reference(true, 2), reference(true, 3)));
        assert!(all.matches(reference(true, 3), ValType::Ref(RefType::EQREF)));
        assert!(!all.matches(reference(true, 3), ValType::FUNCREF));
    }
}
