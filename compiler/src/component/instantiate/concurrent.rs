//! Asynchronous components: the built-ins that their functions call, and how the program calls the one that it runs.

use wasm_aot_abi::canonical::CanonicalBuiltin as Builtin;
use wasmparser::{FuncType, ValType};
use wasmtime_environ::component::{
    MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, OptionsIndex, Trampoline, TypeTupleIndex, UnsafeIntrinsic,
};

use super::{Instantiation, encoding, unsupported};
use crate::component::exports::ExportedFunction;
use crate::program::{
    AdapterCall, Call, Callee, Constant, FuncId, Lift, LinkError, Results, RuntimeFunc, TaskCalls, TypeId,
};

/// The parameters of `prepare-call` before what the caller passes.
const PREPARED: usize = 8;

impl Instantiation<'_, '_, '_> {
    /// A built-in of asynchronous components.
    ///
    /// # Errors
    /// Names it if it isn't supported yet.
    pub(super) fn make_asynchronous(
        &mut self,
        trampoline: &Trampoline,
        ty: TypeId,
    ) -> Result<FuncId, LinkError> {
        if let Some(made) = self.make_end(trampoline, ty) {
            return made;
        }
        let (builtin, instance) = match trampoline {
            Trampoline::TaskReturn { results, options, .. } => {
                return self.task_return(*results, *options, ty);
            }
            Trampoline::WaitableSetWait { options, .. } => {
                let options = self.options(*options)?;
                return Ok(self.builtin(Builtin::WaitableSetWait, vec![options], ty));
            }
            Trampoline::WaitableSetPoll { options, .. } => {
                let options = self.options(*options)?;
                return Ok(self.builtin(Builtin::WaitableSetPoll, vec![options], ty));
            }
            Trampoline::StreamTransfer => return self.transfer(false, ty),
            Trampoline::FutureTransfer => return self.transfer(true, ty),
            Trampoline::PrepareCall { memory } => {
                let values = self.builder.signature(ty).params().len() - PREPARED;
                let memory = memory.map(|memory| self.memories[memory]);
                let callee = Callee { memory, callback: None, post_return: None, values: values as u32 };
                return Ok(self.adapter_call(AdapterCall::Prepare, callee, ty));
            }
            Trampoline::SyncStartCall { callback } => {
                let callback = callback.map(|callback| self.callbacks[callback]);
                let callee = Callee { memory: None, callback, post_return: None, values: 0 };
                return Ok(self.adapter_call(AdapterCall::StartSync, callee, ty));
            }
            Trampoline::AsyncStartCall { callback, post_return } => {
                let callback = callback.map(|callback| self.callbacks[callback]);
                let post_return = post_return.map(|post_return| self.post_returns[post_return]);
                let callee = Callee { memory: None, callback, post_return, values: 0 };
                return Ok(self.adapter_call(AdapterCall::StartAsync, callee, ty));
            }
            Trampoline::TaskCancel { instance } => (Builtin::TaskCancel, instance),
            Trampoline::BackpressureInc { instance } => (Builtin::BackpressureInc, instance),
            Trampoline::BackpressureDec { instance } => (Builtin::BackpressureDec, instance),
            Trampoline::ThreadYield { instance, cancellable: false } => (Builtin::ThreadYield, instance),
            Trampoline::WaitableSetNew { instance } => (Builtin::WaitableSetNew, instance),
            Trampoline::WaitableSetDrop { instance } => (Builtin::WaitableSetDrop, instance),
            Trampoline::WaitableJoin { instance } => (Builtin::WaitableJoin, instance),
            Trampoline::SubtaskDrop { instance } => (Builtin::SubtaskDrop, instance),
            Trampoline::SubtaskCancel { instance, async_: false } => (Builtin::SubtaskCancel, instance),
            other => {
                let what = other.symbol_name();
                let message = format!("the built-in {what} of asynchronous components: not supported yet");
                return Err(unsupported(message));
            }
        };
        let tasks = Constant::Tasks(self.components[*instance]);
        self.builder.may_block();
        Ok(self.builtin(builtin, vec![tasks], ty))
    }

    /// A step of an asynchronous call.
    fn adapter_call(&mut self, step: AdapterCall, callee: Callee, ty: TypeId) -> FuncId {
        let callee = Constant::Callee(self.builder.add_callee(callee));
        let function = RuntimeFunc::Call(step);
        let name = function.symbol(|_| false).trim_start_matches("wasm_aot_component_").to_owned();
        self.bound(name, function, vec![callee, Constant::Instances], ty)
    }

    fn task_return(
        &mut self,
        results: TypeTupleIndex,
        options: OptionsIndex,
        ty: TypeId,
    ) -> Result<FuncId, LinkError> {
        let values = self.builder.signature(ty).params().len() as u32;
        let lift = Lift { values, ..self.lift(results, options)? };
        let lift = Constant::Lift(self.builder.add_lift(lift));
        Ok(self.bound("task.return".to_owned(), RuntimeFunc::TaskReturn, vec![lift], ty))
    }

    /// `context.get` and `context.set`.
    pub(super) fn context_builtin(&mut self, intrinsic: UnsafeIntrinsic) -> Result<FuncId, LinkError> {
        let builtin = match intrinsic {
            UnsafeIntrinsic::ContextGetI32_0 => Builtin::ContextGetFirst,
            UnsafeIntrinsic::ContextGetI32_1 => Builtin::ContextGetSecond,
            UnsafeIntrinsic::ContextSetI32_0 => Builtin::ContextSetFirst,
            UnsafeIntrinsic::ContextSetI32_1 => Builtin::ContextSetSecond,
            _ => return Err(unsupported(format!("the intrinsic {intrinsic:?} isn't supported"))),
        };
        let params = vec![ValType::I32; builtin.params()];
        let results = vec![ValType::I32; builtin.results()];
        let ty = self.builder.function_type(FuncType::new(params, results));
        Ok(self.builtin(builtin, Vec::new(), ty))
    }

    /// The function of the runtime for a host function that is lowered with these options.
    pub(super) fn as_lowered(&self, function: RuntimeFunc, options: OptionsIndex) -> RuntimeFunc {
        match function {
            RuntimeFunc::Host3 { interface, function, .. } => {
                let is_lowered_async = self.component.translation.component.options[options].async_;
                RuntimeFunc::Host3 { interface, function, is_lowered_async }
            }
            // Only functions of asynchronous types are lowered asynchronously.
            other => other,
        }
    }

    /// How a function whose results are a tuple of these types is lifted.
    fn lift(&self, results: TypeTupleIndex, options: OptionsIndex) -> Result<Lift, LinkError> {
        let lifted = self.canonical_options(options)?;
        let options = &self.component.translation.component.options[options];
        Ok(Lift {
            instance: lifted.instance,
            callback: options.callback.map(|callback| self.callbacks[callback]),
            memory: lifted.memory,
            encoding: encoding(options.string_encoding),
            results: results.as_u32(),
            values: 0,
            may_block: false,
            deliver: None,
        })
    }

    /// The calls that run a command: of its function `run`, which takes nothing and returns a `result`.
    ///
    /// # Errors
    /// If something about the function isn't supported.
    pub fn run(&mut self, function: &ExportedFunction<'_>) -> Result<Vec<Call>, LinkError> {
        let call = |func, results, post_return| Call { func, arguments: Vec::new(), results, post_return };
        let func = self.func(function.func)?;
        let post_return = self.post_return(function.options);
        Ok(match self.task_calls(function, None)? {
            None => vec![call(func, Results::Checked, post_return)],
            Some(TaskCalls::Sync { begin, end }) => vec![
                call(begin, Results::Dropped, None),
                call(func, Results::Checked, post_return),
                call(end, Results::Dropped, None),
            ],
            Some(TaskCalls::Async { begin, wait }) => {
                vec![call(begin, Results::Dropped, None), call(func, Results::Awaited(wait), None)]
            }
        })
    }

    /// What is called before and after an exported function, in an asynchronous component. `print` prints its result.
    pub(super) fn task_calls(
        &mut self,
        function: &ExportedFunction<'_>,
        print: Option<FuncId>,
    ) -> Result<Option<TaskCalls>, LinkError> {
        if !self.component.is_asynchronous {
            return Ok(None);
        }
        let ty = &self.component.types[function.ty];
        let is_async = self.component.translation.component.options[function.options].async_;
        let results = &self.component.types[ty.results].abi;
        let flat = results.flat_count(MAX_FLAT_PARAMS);
        if print.is_some() && is_async && flat.is_some_and(|count| count > MAX_FLAT_RESULTS) {
            let message =
                "results of asynchronous functions that are several core values can't be printed yet";
            return Err(unsupported(message.to_owned()));
        }
        let (may_block, deliver) = (ty.async_, print.filter(|_| is_async));
        let lift = Lift { may_block, deliver, ..self.lift(ty.results, function.options)? };
        let lift = Constant::Lift(self.builder.add_lift(lift));
        let nothing = self.builder.function_type(FuncType::new([], []));
        let begin = self.builtin(Builtin::TaskBegin, vec![lift], nothing);
        Ok(Some(match is_async {
            true => {
                let ty = self.builder.function_type(FuncType::new([ValType::I32], [ValType::I32]));
                TaskCalls::Async { begin, wait: self.builtin(Builtin::TaskAwait, Vec::new(), ty) }
            }
            false => TaskCalls::Sync { begin, end: self.builtin(Builtin::TaskEnd, Vec::new(), nothing) },
        }))
    }
}
