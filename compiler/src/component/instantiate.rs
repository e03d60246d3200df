//! A component's closed-world program: its core instances, in order, with every import bound to what it is; the functions
//! that the canonical ABI makes, bound to what they need; and the function that runs it.

mod concurrent;
mod ends;

use cranelift_entity::{EntityRef, PrimaryMap, SecondaryMap};
use wasm_aot_abi::canonical::CanonicalBuiltin;
use wasm_aot_abi::server;
use wasm_aot_abi::trap::Trap;
use wasm_aot_abi::wasi2::ResourceKind;
use wasm_aot_abi::wave;
use wasmparser::{FuncType, ValType};
use wasmtime_environ::component::{
    CanonicalOptions as Options, CoreDef, CoreExport, DefinedResourceIndex, ExportItem, FixedEncoding,
    GlobalInitializer, InstantiateModule, OptionsIndex, Resource, ResourceIndex, RuntimeCallbackIndex,
    RuntimeComponentInstanceIndex, RuntimeInstanceIndex, RuntimeMemoryIndex, RuntimeReallocIndex,
    StaticModuleIndex, StringEncoding, Trampoline, TrampolineIndex, Transcode, TypeResourceTable,
    TypeResourceTableIndex,
};
use wasmtime_environ::{EntityIndex, ModuleInternedTypeIndex, WasmValType};

use super::exports::ExportedFunction;
use super::host::{self, HostImport, Provider};
use super::{Component, names, trace};
use crate::parse::{self, Module};
use crate::program::{
    Builder, CanonicalOptions, ComponentId, Constant, Encoding, Entity, FuncId, FuncKind, InstanceId,
    Invocation, InvocationValues, LinkError, MemoryId, PostReturn, ResourceId, ResourceTable, ResourceType,
    RuntimeFunc, TypeId,
};

/// The core modules of a component, parsed and validated.
pub type Modules<'a> = PrimaryMap<StaticModuleIndex, Module<'a>>;

/// Adds a component to a program.
pub struct Instantiation<'b, 'c, 'a> {
    component: &'c Component<'a>,
    /// Whether it becomes a server.
    is_server: bool,
    builder: &'b mut Builder<'c>,
    imports: SecondaryMap<wasmtime_environ::component::LoweredIndex, HostImport>,
    /// The core instances, in the order in which they are instantiated.
    pub instances: PrimaryMap<RuntimeInstanceIndex, InstanceId>,
    components: PrimaryMap<RuntimeComponentInstanceIndex, ComponentId>,
    memories: PrimaryMap<RuntimeMemoryIndex, MemoryId>,
    reallocs: PrimaryMap<RuntimeReallocIndex, FuncId>,
    callbacks: PrimaryMap<RuntimeCallbackIndex, FuncId>,
    post_returns: PrimaryMap<wasmtime_environ::component::RuntimePostReturnIndex, FuncId>,
    defined: PrimaryMap<DefinedResourceIndex, ResourceId>,
    imported: SecondaryMap<ResourceIndex, Option<ResourceId>>,
    trampolines: SecondaryMap<TrampolineIndex, Option<FuncId>>,
}

/// Adds all instances of a component, and what they need, to a program.
///
/// # Errors
/// Lists the imports that nothing provides, or says what isn't supported.
pub fn instantiate<'b, 'c, 'a>(
    component: &'c Component<'a>,
    modules: &'c Modules<'a>,
    builder: &'b mut Builder<'c>,
    is_server: bool,
    trap_unknown_imports: bool,
) -> Result<Instantiation<'b, 'c, 'a>, LinkError> {
    builder.expect(modules.values());
    let imports = host::bind(component, is_server, trap_unknown_imports)?;
    let translation = &component.translation.component;
    let instances = 0..translation.num_runtime_component_instances;
    let components = instances.map(|_| builder.add_component()).collect();
    let mut this = Instantiation {
        component,
        is_server,
        builder,
        imports,
        instances: PrimaryMap::new(),
        components,
        memories: PrimaryMap::new(),
        reallocs: PrimaryMap::new(),
        callbacks: PrimaryMap::new(),
        post_returns: PrimaryMap::new(),
        defined: PrimaryMap::new(),
        imported: SecondaryMap::new(),
        trampolines: SecondaryMap::new(),
    };
    for step in &translation.initializers {
        this.step(step, modules)?;
    }
    this.resource_tables();
    this.builder.resolve_forwarders();
    Ok(this)
}

impl<'c> Instantiation<'_, 'c, '_> {
    fn step(&mut self, step: &GlobalInitializer, modules: &'c Modules<'_>) -> Result<(), LinkError> {
        match step {
            GlobalInitializer::InstantiateModule(InstantiateModule::Static(module, imports), _) => {
                let is_adapter = self.component.is_adapter(*module);
                let module = &modules[*module];
                let entities =
                    imports.iter().map(|import| self.entity(import)).collect::<Result<Vec<_>, _>>()?;
                let instance = self.builder.instantiate_with(module, &entities)?;
                if is_adapter {
                    self.builder.add_adapter(instance);
                }
                self.instances.push(instance);
            }
            GlobalInitializer::InstantiateModule(InstantiateModule::Import(import, _), _) => {
                let (from, name) = names::import(self.component, *import);
                return Err(unsupported(format!("imported core modules aren't supported: {from}.{name}")));
            }
            GlobalInitializer::ExtractMemory(memory) => {
                let Entity::Memory(id) = self.export(&memory.export) else {
                    unreachable!("validated: a memory")
                };
                self.memories.push(id);
            }
            GlobalInitializer::ExtractRealloc(realloc) => {
                let func = self.func(&realloc.def)?;
                self.reallocs.push(func);
            }
            GlobalInitializer::ExtractPostReturn(post_return) => {
                let func = self.func(&post_return.def)?;
                self.post_returns.push(func);
            }
            GlobalInitializer::Resource(resource) => self.define_resource(resource)?,
            // Calls of host functions are made where they are used.
            GlobalInitializer::LowerImport { .. } => {}
            GlobalInitializer::ExtractCallback(callback) => {
                let func = self.func(&callback.def)?;
                self.callbacks.push(func);
            }
            GlobalInitializer::ExtractTable(_) => {
                return Err(unsupported("threads of components aren't supported".to_owned()));
            }
        }
        Ok(())
    }

    fn define_resource(&mut self, resource: &Resource) -> Result<(), LinkError> {
        if resource.rep != WasmValType::I32 {
            return Err(unsupported(
                "resources whose representation isn't an i32 aren't supported".to_owned(),
            ));
        }
        let destructor = resource.dtor.as_ref().map(|dtor| self.func(dtor)).transpose()?;
        let ty = ResourceType {
            kind: ResourceKind::FIRST_OF_PROGRAM + resource.index.as_u32(),
            instance: Some(self.components[resource.instance]),
            destructor,
        };
        let id = self.builder.add_resource(ty);
        self.defined.push(id);
        Ok(())
    }

    /// What a core definition is.
    fn entity(&mut self, definition: &CoreDef) -> Result<Entity, LinkError> {
        Ok(match definition {
            CoreDef::Export(export) => self.export(export),
            CoreDef::InstanceFlags(instance) => {
                let component = self.components[*instance];
                Entity::Global(self.builder.may_leave(component))
            }
            CoreDef::Trampoline(index) => Entity::Func(self.trampoline(*index)?),
            CoreDef::UnsafeIntrinsic(intrinsic) => Entity::Func(self.context_builtin(*intrinsic)?),
            CoreDef::TaskMayBlock => Entity::Global(self.builder.may_block()),
        })
    }

    /// A core definition that is a function.
    pub fn func(&mut self, definition: &CoreDef) -> Result<FuncId, LinkError> {
        match self.entity(definition)? {
            Entity::Func(func) => Ok(func),
            other => unreachable!("validated: a function, not {other:?}"),
        }
    }

    fn export<T: Clone + Into<EntityIndex>>(&self, export: &CoreExport<T>) -> Entity {
        let instance = self.builder.instance(self.instances[export.instance]);
        match &export.item {
            ExportItem::Name(name) => instance.export(name).expect("validated: the export is there"),
            ExportItem::Index(index) => match index.clone().into() {
                EntityIndex::Function(index) => {
                    Entity::Func(instance.funcs[parse::FuncIndex::from_u32(index.as_u32())])
                }
                EntityIndex::Table(index) => {
                    Entity::Table(instance.tables[parse::TableIndex::from_u32(index.as_u32())])
                }
                EntityIndex::Memory(index) => {
                    Entity::Memory(instance.memories[parse::MemoryIndex::from_u32(index.as_u32())])
                }
                EntityIndex::Global(index) => {
                    Entity::Global(instance.globals[parse::GlobalIndex::from_u32(index.as_u32())])
                }
                EntityIndex::Tag(index) => {
                    Entity::Tag(instance.tags[parse::TagIndex::from_u32(index.as_u32())])
                }
            },
        }
    }

    /// The function that the canonical ABI makes.
    fn trampoline(&mut self, index: TrampolineIndex) -> Result<FuncId, LinkError> {
        if let Some(func) = self.trampolines[index] {
            return Ok(func);
        }
        let ty = self.core_type(self.component.translation.component.trampolines[index]);
        let func = self.make(&self.component.translation.trampolines[index], ty)?;
        self.trampolines[index] = Some(func);
        Ok(func)
    }

    fn make(&mut self, trampoline: &Trampoline, ty: TypeId) -> Result<FuncId, LinkError> {
        use CanonicalBuiltin as Builtin;
        Ok(match trampoline {
            Trampoline::LowerImport { index, options, lower_ty } => {
                let HostImport { name, provider } = std::mem::take(&mut self.imports[*index]);
                match provider {
                    Provider::Function(function) => {
                        let function = self.as_lowered(function, *options);
                        let options = self.options(*options)?;
                        let text = trace::text(
                            &self.component.types,
                            &name[name.find('#').map_or(0, |at| at + 1)..],
                            *lower_ty,
                            self.builder.signature(ty),
                        );
                        let ends = self.ends_of(function, *lower_ty);
                        let constants = [options].into_iter().chain(ends).collect();
                        let func = self.bound(name, function, constants, ty);
                        self.builder.trace(func, text);
                        func
                    }
                    Provider::Unsupported => self.stand_in(FuncKind::Unsupported, name, ty),
                    Provider::Unknown => self.stand_in(FuncKind::Unknown, name, ty),
                }
            }
            Trampoline::ResourceNew { instance, ty: table } => {
                self.resource_builtin(Builtin::ResourceNew, *instance, *table, ty)
            }
            Trampoline::ResourceRep { instance, ty: table } => {
                self.resource_builtin(Builtin::ResourceRep, *instance, *table, ty)
            }
            Trampoline::ResourceDrop { instance, ty: table } => {
                self.resource_builtin(Builtin::ResourceDrop, *instance, *table, ty)
            }
            Trampoline::ResourceTransferOwn => {
                self.builtin(Builtin::ResourceTransferOwn, vec![Constant::Tables], ty)
            }
            Trampoline::ResourceTransferBorrow => {
                self.builtin(Builtin::ResourceTransferBorrow, vec![Constant::Tables], ty)
            }
            Trampoline::EnterSyncCall if self.component.is_asynchronous => {
                self.builder.may_block();
                self.builtin(Builtin::EnterSyncTask, vec![Constant::Instances], ty)
            }
            Trampoline::ExitSyncCall if self.component.is_asynchronous => {
                self.builtin(Builtin::ExitSyncTask, Vec::new(), ty)
            }
            Trampoline::EnterSyncCall => self.builtin(Builtin::EnterSyncCall, Vec::new(), ty),
            Trampoline::ExitSyncCall => self.builtin(Builtin::ExitSyncCall, Vec::new(), ty),
            Trampoline::Trap => self.stand_in(FuncKind::AdapterTrap(adapter_trap), String::new(), ty),
            Trampoline::Transcoder { op, from, from64: false, to, to64: false } => {
                let memories = [*from, *to].map(|memory| Constant::Memory(self.memories[memory]));
                self.builtin(transcoder(*op), memories.to_vec(), ty)
            }
            Trampoline::Transcoder { .. } => {
                return Err(unsupported("components with 64-bit memories aren't supported".to_owned()));
            }
            other => return self.make_asynchronous(other, ty),
        })
    }

    /// A built-in that is about a type of resources.
    fn resource_builtin(
        &mut self,
        builtin: CanonicalBuiltin,
        instance: RuntimeComponentInstanceIndex,
        table: TypeResourceTableIndex,
        ty: TypeId,
    ) -> FuncId {
        let TypeResourceTable::Concrete { ty: resource, .. } = self.component.types[table] else {
            unreachable!("validated: a resource that an instance can have")
        };
        let instance = self.components[instance];
        let host = self.host_kind(resource);
        if let (CanonicalBuiltin::ResourceDrop, Some(kind)) = (builtin, host) {
            let options =
                CanonicalOptions { memory: None, realloc: None, instance, encoding: Encoding::Utf8 };
            let options = Constant::Options(self.builder.options(options));
            return self.bound(
                format!("[resource-drop]{}", kind.name()),
                RuntimeFunc::Drop(kind),
                vec![options],
                ty,
            );
        }
        let resource = self.resource(resource);
        let mut constants = vec![Constant::Resource(resource), Constant::Instance(instance)];
        let builtin = match self.builder.resource_instance(resource) {
            Some(owner) if builtin == CanonicalBuiltin::ResourceDrop && self.component.is_asynchronous => {
                self.builder.may_block();
                constants.push(Constant::Tasks(owner));
                CanonicalBuiltin::ResourceDropTask
            }
            _ => builtin,
        };
        self.builtin(builtin, constants, ty)
    }

    fn builtin(&mut self, builtin: CanonicalBuiltin, constants: Vec<Constant>, ty: TypeId) -> FuncId {
        let name = builtin.symbol().trim_start_matches("wasm_aot_component_").to_owned();
        self.bound(name, RuntimeFunc::Builtin(builtin), constants, ty)
    }

    fn bound(&mut self, name: String, function: RuntimeFunc, constants: Vec<Constant>, ty: TypeId) -> FuncId {
        self.builder.add_bound(name, function, constants, ty)
    }

    /// A function that only traps.
    fn stand_in(&mut self, kind: FuncKind, name: String, signature: TypeId) -> FuncId {
        self.builder.add_stand_in(name, kind, signature)
    }

    /// The host's kind of a resource, if this program can have such a kind.
    fn host_kind(&self, resource: ResourceIndex) -> Option<ResourceKind> {
        let kind = names::resource_kind(self.component, resource);
        kind.filter(|kind| self.is_server || !kind.is_for_servers())
    }

    /// A type of resources.
    fn resource(&mut self, resource: ResourceIndex) -> ResourceId {
        if let Some(index) = self.component.translation.component.defined_resource_index(resource) {
            return self.defined[index];
        }
        if let Some(id) = self.imported[resource] {
            return id;
        }
        let kind = self.host_kind(resource);
        let kind = kind.map_or(ResourceKind::UNKNOWN, |kind| kind as u32);
        let ty = ResourceType { kind, instance: None, destructor: None };
        let id = self.builder.add_resource(ty);
        self.imported[resource] = Some(id);
        id
    }

    /// The handles of each kind that each component instance has, by the numbers that adapters use.
    fn resource_tables(&mut self) {
        for number in 0..self.component.resource_tables {
            let table = match self.component.types[TypeResourceTableIndex::new(number)] {
                TypeResourceTable::Concrete { ty, instance } => {
                    let instance = self.components[instance];
                    Some(ResourceTable { resource: self.resource(ty), instance })
                }
                TypeResourceTable::Abstract(_) => None,
            };
            self.builder.add_resource_table(table);
        }
    }

    /// The options of a function that the component lowers.
    fn options(&mut self, options: OptionsIndex) -> Result<Constant, LinkError> {
        let options = self.canonical_options(options)?;
        Ok(Constant::Options(self.builder.options(options)))
    }

    /// The options of a function that the component lowers or lifts.
    pub fn canonical_options(&self, options: OptionsIndex) -> Result<CanonicalOptions, LinkError> {
        use wasmtime_environ::component::CanonicalOptionsDataModel as DataModel;
        let options: &Options = &self.component.translation.component.options[options];
        let DataModel::LinearMemory(data) = options.data_model else {
            return Err(unsupported("values in the garbage-collected heap aren't supported".to_owned()));
        };
        let memory = data.memory.map(|memory| self.memories[memory]);
        if memory.is_some_and(|memory| self.builder.memory_type(memory).memory64) {
            return Err(unsupported("components with 64-bit memories aren't supported".to_owned()));
        }
        Ok(CanonicalOptions {
            memory,
            realloc: data.realloc.map(|realloc| self.reallocs[realloc]),
            instance: self.components[options.instance],
            encoding: encoding(options.string_encoding),
        })
    }

    /// Has the program call an exported function.
    ///
    /// # Errors
    /// If something about the function isn't supported.
    pub fn invoke(
        &mut self,
        function: &ExportedFunction<'_>,
        values: InvocationValues,
    ) -> Result<(), LinkError> {
        let func = self.func(function.func)?;
        let options = self.options(function.options)?;
        let ty = self.builder.function_type(FuncType::new([ValType::I64], []));
        let mut bound = |symbol: &'static str| {
            self.bound(symbol.to_owned(), RuntimeFunc::Wave(symbol), vec![options], ty)
        };
        let (lower, print) = (bound(wave::LOWER), bound(wave::PRINT));
        let post_return = self.post_return(function.options);
        let task = self.task_calls(function, Some(print))?;
        let print = Some(print);
        self.builder.invoke(Invocation { func, lower, print, post_return, values: Some(values), task });
        Ok(())
    }

    /// Has the program answer requests by an exported function.
    ///
    /// # Errors
    /// If something about the function isn't supported.
    pub fn serve(&mut self, function: &ExportedFunction<'_>) -> Result<(), LinkError> {
        if self.component.is_asynchronous {
            return Err(unsupported("servers of asynchronous components: not supported yet".to_owned()));
        }
        let func = self.func(function.func)?;
        let options = self.options(function.options)?;
        let ty = self.builder.function_type(FuncType::new([ValType::I64], []));
        let lower = self.bound(server::LOWER.to_owned(), RuntimeFunc::Wave(server::LOWER), vec![options], ty);
        let post_return = self.post_return(function.options);
        self.builder.invoke(Invocation { func, lower, print: None, post_return, values: None, task: None });
        Ok(())
    }

    /// The memory that all calls between the component and the host are about, if there is only one.
    pub fn only_memory(&self) -> Option<MemoryId> {
        let first = self.memories.values().next().copied();
        first.filter(|first| self.memories.values().all(|memory| memory == first))
    }

    /// The function that is called after a lifted function with these options, and its results have been read.
    pub fn post_return(&self, options: OptionsIndex) -> Option<PostReturn> {
        let options = &self.component.translation.component.options[options];
        let instance = self.components[options.instance];
        options.post_return.map(|index| PostReturn { func: self.post_returns[index], instance })
    }

    fn core_type(&mut self, ty: ModuleInternedTypeIndex) -> TypeId {
        let ty = self.component.types.module_types()[ty].unwrap_func();
        let values = |types: &[WasmValType]| types.iter().map(value_type).collect::<Vec<_>>();
        let ty = FuncType::new(values(ty.params()), values(ty.results()));
        self.builder.function_type(ty)
    }
}

/// The canonical ABI passes numbers only, and functions of adapters.
fn value_type(ty: &WasmValType) -> ValType {
    match ty {
        WasmValType::I32 => ValType::I32,
        WasmValType::I64 => ValType::I64,
        WasmValType::F32 => ValType::F32,
        WasmValType::F64 => ValType::F64,
        // What adapters give the runtime to call.
        WasmValType::Ref(_) => ValType::FUNCREF,
        other => unreachable!("no parameter or result of the canonical ABI is {other}"),
    }
}

fn encoding(encoding: StringEncoding) -> Encoding {
    match encoding {
        StringEncoding::Utf8 => Encoding::Utf8,
        StringEncoding::Utf16 => Encoding::Utf16,
        StringEncoding::CompactUtf16 => Encoding::Latin1Utf16,
    }
}

fn unsupported(message: String) -> LinkError {
    LinkError::Unsupported(message)
}

fn transcoder(op: Transcode) -> CanonicalBuiltin {
    match op {
        Transcode::Copy(FixedEncoding::Utf8) => CanonicalBuiltin::TranscodeCopyUtf8,
        Transcode::Copy(FixedEncoding::Utf16) => CanonicalBuiltin::TranscodeCopyUtf16,
        Transcode::Copy(FixedEncoding::Latin1) => CanonicalBuiltin::TranscodeCopyLatin1,
        Transcode::Latin1ToUtf16 => CanonicalBuiltin::TranscodeLatin1ToUtf16,
        Transcode::Latin1ToUtf8 => CanonicalBuiltin::TranscodeLatin1ToUtf8,
        Transcode::Utf16ToCompactProbablyUtf16 => CanonicalBuiltin::TranscodeUtf16ToCompactProbablyUtf16,
        Transcode::Utf16ToCompactUtf16 => CanonicalBuiltin::TranscodeUtf16ToCompactUtf16,
        Transcode::Utf16ToLatin1 => CanonicalBuiltin::TranscodeUtf16ToLatin1,
        Transcode::Utf16ToUtf8 => CanonicalBuiltin::TranscodeUtf16ToUtf8,
        Transcode::Utf8ToCompactUtf16 => CanonicalBuiltin::TranscodeUtf8ToCompactUtf16,
        Transcode::Utf8ToLatin1 => CanonicalBuiltin::TranscodeUtf8ToLatin1,
        Transcode::Utf8ToUtf16 => CanonicalBuiltin::TranscodeUtf8ToUtf16,
    }
}

/// The trap that an adapter names by this number of the front end.
fn adapter_trap(number: u8) -> Trap {
    use wasmtime_environ::Trap as Named;
    match Named::from_u8(number) {
        Some(Named::CannotEnterComponent) => Trap::CannotEnter,
        Some(Named::CannotLeaveComponent) => Trap::CannotLeave,
        Some(Named::StringOutOfBounds) => Trap::StringOutOfBounds,
        Some(Named::ListOutOfBounds) => Trap::ListOutOfBounds,
        Some(Named::MemoryOutOfBounds) => Trap::MemoryOutOfBounds,
        Some(Named::UnalignedPointer) => Trap::UnalignedPointer,
        Some(Named::InvalidChar) => Trap::InvalidChar,
        Some(Named::InvalidDiscriminant) => Trap::InvalidDiscriminant,
        Some(Named::UncaughtException) => Trap::UncaughtException,
        _ => Trap::Unreachable,
    }
}
