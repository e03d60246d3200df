//! Streams and futures: the built-ins on their ends, and the functions of the host that take and give them.

use wasm_aot_abi::canonical::CanonicalBuiltin as Builtin;
use wasm_aot_abi::concurrent::{Elements, kind};
use wasmtime_environ::component::{
    InterfaceType, OptionsIndex, RuntimeComponentInstanceIndex, Trampoline, TypeFuncIndex,
    TypeFutureTableIndex, TypeStreamTableIndex,
};

use super::{Instantiation, unsupported};
use crate::component::wit::Wit;
use crate::program::{ComponentId, Constant, EndTable, EndType, FuncId, LinkError, RuntimeFunc, TypeId};

/// A type of ends in a component instance.
#[derive(Clone, Copy)]
enum End {
    Stream(TypeStreamTableIndex),
    Future(TypeFutureTableIndex),
}

/// How a built-in reaches the instance that calls it.
enum Caller {
    Instance(RuntimeComponentInstanceIndex),
    Options(OptionsIndex),
}

impl Instantiation<'_, '_, '_> {
    /// A built-in on ends, if it is one.
    pub(super) fn make_end(
        &mut self,
        trampoline: &Trampoline,
        ty: TypeId,
    ) -> Option<Result<FuncId, LinkError>> {
        let (builtin, caller, end) = described(trampoline)?;
        let caller = match caller {
            Caller::Instance(instance) => {
                self.builder.may_block();
                Constant::Tasks(self.components[instance])
            }
            Caller::Options(options) => match self.options(options) {
                Ok(options) => options,
                Err(error) => return Some(Err(error)),
            },
        };
        let ends = vec![self.end_type(end)];
        let ends = Constant::Ends(self.builder.ends(ends));
        Some(Ok(self.builtin(builtin, vec![caller, ends], ty)))
    }

    fn end_type(&self, end: End) -> EndType {
        let types = &self.component.types;
        let (number, payload, is_future) = match end {
            End::Stream(table) => (types[table].ty.as_u32(), types[types[table].ty].payload, false),
            End::Future(table) => (types[table].ty.as_u32(), types[types[table].ty].payload, true),
        };
        let abi = payload.map(|payload| types.canonical_abi(&payload));
        EndType {
            // Two for each type: those of readable and of writable ends.
            kind: kind::FIRST_END + 2 * (2 * number + u32::from(is_future)),
            size: abi.map_or(0, |abi| abi.size32),
            alignment: abi.map_or(1, |abi| abi.align32),
            elements: payload.map_or(Elements::Numbers, |payload| self.elements(payload)),
            is_future,
        }
    }

    /// What values of a type are.
    fn elements(&self, ty: InterfaceType) -> Elements {
        let types = &self.component.types;
        match ty {
            ty if is_number(ty) => Elements::Numbers,
            InterfaceType::Record(record) => {
                self.aggregate(types[record].fields.iter().map(|field| field.ty))
            }
            InterfaceType::Tuple(tuple) => self.aggregate(types[tuple].types.iter().copied()),
            _ => Elements::Other,
        }
    }

    /// What values are that have parts of these types.
    fn aggregate(&self, mut parts: impl Iterator<Item = InterfaceType>) -> Elements {
        match parts.all(|part| self.elements(part) != Elements::Other) {
            true => Elements::Plain,
            false => Elements::Other,
        }
    }

    /// Moves ends from one component instance to another.
    ///
    /// # Errors
    /// Names the type if an instance could read what another one writes, which isn't supported yet of all types.
    pub(super) fn transfer(&mut self, is_future: bool, ty: TypeId) -> Result<FuncId, LinkError> {
        self.check_elements()?;
        let component = &self.component.translation.component;
        let count = if is_future { component.num_future_tables } else { component.num_stream_tables };
        let mut tables = Vec::with_capacity(count);
        for number in 0..count as u32 {
            let types = &self.component.types;
            let (end, instance) = match is_future {
                true => {
                    let table = TypeFutureTableIndex::from_u32(number);
                    (End::Future(table), types[table].instance)
                }
                false => {
                    let table = TypeStreamTableIndex::from_u32(number);
                    (End::Stream(table), types[table].instance)
                }
            };
            let instance = self.components.get(instance).copied();
            // Adapters don't name tables of what is no instance.
            let instance = instance.unwrap_or(ComponentId::from_u32(0));
            let end = vec![self.end_type(end)];
            tables.push(EndTable { ty: self.builder.ends(end), instance });
        }
        self.builder.set_end_tables(is_future, tables);
        Ok(self.builtin(Builtin::EndTransfer, vec![Constant::EndTables { is_future }], ty))
    }

    /// Checks that instances which may get ends of each other only copy what can be copied as it is.
    fn check_elements(&self) -> Result<(), LinkError> {
        let copies = || {
            self.component.translation.trampolines.values().filter_map(|trampoline| match *trampoline {
                Trampoline::StreamRead { instance, ty, .. } => Some((instance, End::Stream(ty), false)),
                Trampoline::StreamWrite { instance, ty, .. } => Some((instance, End::Stream(ty), true)),
                Trampoline::FutureRead { instance, ty, .. } => Some((instance, End::Future(ty), false)),
                Trampoline::FutureWrite { instance, ty, .. } => Some((instance, End::Future(ty), true)),
                _ => None,
            })
        };
        let shown = |end| {
            Wit::plain(self.component).value_type(match end {
                End::Stream(table) => InterfaceType::Stream(table),
                End::Future(table) => InterfaceType::Future(table),
            })
        };
        // Instances know a type of resources by different numbers.
        let has_handles = |end| ["own<", "borrow<"].iter().any(|word| shown(end).contains(word));
        let writes = || copies().filter(|(_, _, is_write)| *is_write);
        for (reader, end, _) in copies().filter(|(_, _, is_write)| !is_write) {
            let ty = self.end_type(end);
            let is_written = || {
                writes().any(|(writer, written, _)| {
                    let other = self.end_type(written);
                    let same = other.kind == ty.kind
                        || other.is_future == ty.is_future && has_handles(end) && has_handles(written);
                    writer != reader && same
                })
            };
            if ty.elements == Elements::Other && is_written() {
                return Err(unsupported(format!(
                    "values of the type {} that pass from one component to another: not supported yet",
                    shown(end)
                )));
            }
        }
        Ok(())
    }

    /// The constant for a host function with streams or futures, if this is one: their types, in the order in which its type
    /// has them.
    pub(super) fn ends_of(&mut self, function: RuntimeFunc, ty: TypeFuncIndex) -> Option<Constant> {
        let RuntimeFunc::Host3 { .. } = function else { return None };
        let types = &self.component.types;
        let ty = &types[ty];
        let mut ends = Vec::new();
        for ty in types[ty.params].types.iter().chain(&types[ty.results].types) {
            self.collect_ends(*ty, &mut ends);
        }
        (!ends.is_empty()).then(|| Constant::Ends(self.builder.ends(ends)))
    }

    /// Those of a type. Functions of the host have no others in deeper places.
    fn collect_ends(&self, ty: InterfaceType, ends: &mut Vec<EndType>) {
        match ty {
            InterfaceType::Stream(table) => ends.push(self.end_type(End::Stream(table))),
            InterfaceType::Future(table) => ends.push(self.end_type(End::Future(table))),
            InterfaceType::Tuple(tuple) => {
                for ty in &self.component.types[tuple].types {
                    self.collect_ends(*ty, ends);
                }
            }
            _ => {}
        }
    }
}

/// What a built-in on ends is.
fn described(trampoline: &Trampoline) -> Option<(Builtin, Caller, End)> {
    use Caller::{Instance, Options};
    use End::{Future, Stream};
    use Trampoline as T;
    Some(match *trampoline {
        T::StreamNew { instance, ty } => (Builtin::EndsNew, Instance(instance), Stream(ty)),
        T::FutureNew { instance, ty } => (Builtin::EndsNew, Instance(instance), Future(ty)),
        T::StreamRead { ty, options, .. } => (Builtin::StreamRead, Options(options), Stream(ty)),
        T::StreamWrite { ty, options, .. } => (Builtin::StreamWrite, Options(options), Stream(ty)),
        T::FutureRead { ty, options, .. } => (Builtin::FutureRead, Options(options), Future(ty)),
        T::FutureWrite { ty, options, .. } => (Builtin::FutureWrite, Options(options), Future(ty)),
        T::StreamCancelRead { instance, ty, async_: false } => {
            (Builtin::EndCancelRead, Instance(instance), Stream(ty))
        }
        T::StreamCancelWrite { instance, ty, async_: false } => {
            (Builtin::EndCancelWrite, Instance(instance), Stream(ty))
        }
        T::FutureCancelRead { instance, ty, async_: false } => {
            (Builtin::EndCancelRead, Instance(instance), Future(ty))
        }
        T::FutureCancelWrite { instance, ty, async_: false } => {
            (Builtin::EndCancelWrite, Instance(instance), Future(ty))
        }
        T::StreamDropReadable { instance, ty } => (Builtin::EndDropReadable, Instance(instance), Stream(ty)),
        T::StreamDropWritable { instance, ty } => (Builtin::EndDropWritable, Instance(instance), Stream(ty)),
        T::FutureDropReadable { instance, ty } => (Builtin::EndDropReadable, Instance(instance), Future(ty)),
        T::FutureDropWritable { instance, ty } => (Builtin::EndDropWritable, Instance(instance), Future(ty)),
        _ => return None,
    })
}

/// Whether the canonical ABI lets values of a type pass within an instance.
fn is_number(ty: InterfaceType) -> bool {
    matches!(
        ty,
        InterfaceType::S8
            | InterfaceType::U8
            | InterfaceType::S16
            | InterfaceType::U16
            | InterfaceType::S32
            | InterfaceType::U32
            | InterfaceType::S64
            | InterfaceType::U64
            | InterfaceType::Float32
            | InterfaceType::Float64
    )
}
