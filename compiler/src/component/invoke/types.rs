//! Types of components as WAVE knows them.

use wasm_wave::value::Type;
use wasmtime_environ::component::InterfaceType;

use crate::component::Component;

/// A type; none if WAVE has no values of it: handles, streams and the like.
pub fn wave(component: &Component<'_>, ty: InterfaceType) -> Option<Type> {
    let types = &component.types;
    let wave = |ty| wave(component, ty);
    let optional = |ty: Option<InterfaceType>| ty.map_or(Some(None), |ty| wave(ty).map(Some));
    match ty {
        InterfaceType::Bool => Some(Type::BOOL),
        InterfaceType::S8 => Some(Type::S8),
        InterfaceType::U8 => Some(Type::U8),
        InterfaceType::S16 => Some(Type::S16),
        InterfaceType::U16 => Some(Type::U16),
        InterfaceType::S32 => Some(Type::S32),
        InterfaceType::U32 => Some(Type::U32),
        InterfaceType::S64 => Some(Type::S64),
        InterfaceType::U64 => Some(Type::U64),
        InterfaceType::Float32 => Some(Type::F32),
        InterfaceType::Float64 => Some(Type::F64),
        InterfaceType::Char => Some(Type::CHAR),
        InterfaceType::String => Some(Type::STRING),
        InterfaceType::List(index) => Some(Type::list(wave(types[index].element)?)),
        InterfaceType::Record(index) => {
            let fields = types[index].fields.iter().map(|field| Some((&*field.name, wave(field.ty)?)));
            Type::record(fields.collect::<Option<Vec<_>>>()?)
        }
        InterfaceType::Tuple(index) => {
            let elements = types[index].types.iter().map(|ty| wave(*ty));
            Type::tuple(elements.collect::<Option<Vec<_>>>()?)
        }
        InterfaceType::Variant(index) => {
            let cases = types[index].cases.iter().map(|(name, ty)| Some((&**name, optional(*ty)?)));
            Type::variant(cases.collect::<Option<Vec<_>>>()?)
        }
        InterfaceType::Enum(index) => Type::enum_ty(types[index].names.iter().map(|name| &**name)),
        InterfaceType::Flags(index) => Type::flags(types[index].names.iter().map(|name| &**name)),
        InterfaceType::Option(index) => Some(Type::option(wave(types[index].ty)?)),
        InterfaceType::Result(index) => {
            Some(Type::result(optional(types[index].ok)?, optional(types[index].err)?))
        }
        // The validator refuses maps and lists of a fixed length.
        InterfaceType::Map(_)
        | InterfaceType::FixedLengthList(_)
        | InterfaceType::Own(_)
        | InterfaceType::Borrow(_)
        | InterfaceType::Future(_)
        | InterfaceType::Stream(_)
        | InterfaceType::ErrorContext(_) => None,
    }
}
