//! The bodies of functions that are inlined: each is made once, by whoever needs it first, and kept as long as another job needs
//! it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, anyhow};
use cranelift_codegen::Context;
use cranelift_codegen::ir::Function;
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::FunctionBuilderContext;

use super::inline::{Body, inline};
use crate::program::FuncId;
use crate::translate::{self, Environment};

/// The bodies of the functions that are inlined somewhere.
pub struct Bodies(HashMap<FuncId, Mutex<Shared>>);

/// A body.
struct Shared {
    /// None before it is made, and when it isn't needed any more.
    body: Option<Arc<Body>>,
    /// How often it will still be taken.
    left: u32,
}

impl Bodies {
    /// Those that are needed; none has been made.
    pub fn new(env: &Environment<'_, '_>) -> Bodies {
        let mut counts: HashMap<FuncId, u32> = HashMap::new();
        for callee in env.inlining.all().flat_map(|(_, callees)| callees) {
            // The first one is that of the function's own code.
            *counts.entry(*callee).or_insert_with(|| env.inlining.has_code(*callee).into()) += 1;
        }
        let shared = |(func, left)| (func, Mutex::new(Shared { body: None, left }));
        Bodies(counts.into_iter().map(shared).collect())
    }

    /// Whether a function is inlined anywhere, so that its body is among these.
    pub fn contains(&self, func: FuncId) -> bool {
        self.0.contains_key(&func)
    }

    /// The body of a function that is inlined somewhere. Each function into which it is inlined takes it once, and so does its own
    /// code.
    ///
    /// # Errors
    /// See `translate::translate_function`.
    pub fn take(
        &self,
        func: FuncId,
        env: &Environment<'_, '_>,
        isa: &dyn TargetIsa,
        builder: &mut FunctionBuilderContext,
    ) -> Result<Arc<Body>> {
        // Whoever makes a body takes those of its callees, never that of a caller: no circle of threads can wait for another.
        let mut shared = self.0[&func].lock().unwrap_or_else(PoisonError::into_inner);
        let body = match shared.body.take() {
            Some(body) => body,
            None => Arc::new(self.make(func, env, isa, builder)?),
        };
        shared.left = shared.left.saturating_sub(1);
        if shared.left > 0 {
            shared.body = Some(Arc::clone(&body));
        }
        Ok(body)
    }

    /// Translates a function, and inlines what is to be inlined into it.
    ///
    /// # Errors
    /// As for `take`.
    pub fn make(
        &self,
        func: FuncId,
        env: &Environment<'_, '_>,
        isa: &dyn TargetIsa,
        builder: &mut FunctionBuilderContext,
    ) -> Result<Body> {
        let mut context = Context::for_function(Function::new());
        let labels = translate::translate_function(env, isa, func, &mut context.func, builder);
        if labels.is_err() {
            // It is left in the middle of a function.
            *builder = FunctionBuilderContext::new();
        }
        let labels = labels?;
        let mut callees = HashMap::new();
        for callee in env.inlining.callees(func) {
            callees.insert(*callee, self.take(*callee, env, isa, builder)?);
        }
        let inlined = inline(&mut context, &callees).map_err(|error| anyhow!("{error}"));
        let origins = inlined.with_context(|| "inlining calls")?;
        Ok(Body { func: context.func, origins, labels })
    }
}
