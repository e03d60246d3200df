//! Whether a component is asynchronous: only then do the adapters between components know of tasks.

use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentDefinedType, ComponentType, ComponentTypeDeclaration,
    InstanceTypeDeclaration, Parser, Payload,
};

/// Whether anything in a component has an asynchronous function type, or the type of a stream or a future, or uses a built-in
/// of asynchronous functions. What is malformed is for the validator.
pub fn is_asynchronous(bytes: &[u8]) -> bool {
    Parser::new(0).parse_all(bytes).map_while(Result::ok).any(|payload| match payload {
        Payload::ComponentTypeSection(types) => {
            types.into_iter().map_while(Result::ok).any(|ty| has_async_function(&ty))
        }
        Payload::ComponentCanonicalSection(functions) => {
            functions.into_iter().map_while(Result::ok).any(|function| is_async_function(&function))
        }
        _ => false,
    })
}

fn has_async_function(ty: &ComponentType<'_>) -> bool {
    match ty {
        ComponentType::Func(ty) => ty.async_,
        ComponentType::Component(declarations) => declarations.iter().any(
            |declaration| matches!(declaration, ComponentTypeDeclaration::Type(ty) if has_async_function(ty)),
        ),
        ComponentType::Instance(declarations) => declarations.iter().any(
            |declaration| matches!(declaration, InstanceTypeDeclaration::Type(ty) if has_async_function(ty)),
        ),
        ComponentType::Defined(ComponentDefinedType::Stream(_) | ComponentDefinedType::Future(_)) => true,
        ComponentType::Defined(_) | ComponentType::Resource { .. } => false,
    }
}

fn is_async_function(function: &CanonicalFunction) -> bool {
    match function {
        CanonicalFunction::Lift { options, .. } | CanonicalFunction::Lower { options, .. } => {
            options.contains(&CanonicalOption::Async)
        }
        CanonicalFunction::ResourceNew { .. }
        | CanonicalFunction::ResourceDrop { .. }
        | CanonicalFunction::ResourceRep { .. } => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_functions_are_found_wherever_they_are() {
        let asynchronous = |text: &str| is_asynchronous(&wat::parse_str(text).unwrap());
        for text in [
            r#"(component (import "f" (func async)))"#,
            r#"(component (import "i" (instance (export "f" (func async)))))"#,
            r#"(component (component (import "c" (component (import "f" (func async))))))"#,
            r#"(component (core func (canon task.cancel)))"#,
            r#"(component (type (future u8)))"#,
        ] {
            assert!(asynchronous(text), "{text}");
        }
        for text in ["(component)", r#"(component (import "f" (func)) (core func (canon lower (func 0))))"#] {
            assert!(!asynchronous(text), "{text}");
        }
    }
}
