//! How much a component unfolds to: each instantiation of a component instantiates everything in it anew, so a few hundred
//! bytes can stand for more than there is room for. Looked at before the front end unfolds it.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind, ComponentTypeRef,
    Instance, Parser, Payload,
};

use crate::error::{Error, ErrorKind, Result};

/// The maximum number of core instances of a component.
const MAX_INSTANCES: u64 = 10_000;

/// How deep components can be in components.
const MAX_DEPTH: usize = 100;

/// What is being parsed.
enum Frame {
    Module,
    Component(Content),
}

/// What a component has, as far as it has been parsed.
#[derive(Default)]
struct Content {
    /// The number of core instances that each component of its index space stands for.
    components: Vec<u64>,
    instances: u64,
}

/// Refuses what unfolds to too much. What is malformed is for the validator.
///
/// # Errors
/// If the component has too many instances, or components are nested too deeply.
pub fn check(bytes: &[u8]) -> Result<()> {
    let mut frames = vec![Frame::Component(Content::default())];
    for payload in Parser::new(0).parse_all(bytes) {
        let Ok(payload) = payload else { return Ok(()) };
        match payload {
            Payload::ModuleSection { .. } => frames.push(Frame::Module),
            Payload::ComponentSection { .. } if frames.len() > MAX_DEPTH => {
                let message = format!("components are nested more than {MAX_DEPTH} deep");
                return Err(Error::new(ErrorKind::Limit, message));
            }
            Payload::ComponentSection { .. } => frames.push(Frame::Component(Content::default())),
            Payload::End(_) => {
                let ended = frames.pop();
                if let (Some(Frame::Component(inner)), Some(Frame::Component(outer))) =
                    (ended, frames.last_mut())
                {
                    outer.components.push(inner.instances);
                }
            }
            payload => {
                if section(&mut frames, payload).is_none() {
                    return Ok(());
                }
            }
        }
        if let Some(Frame::Component(content)) = frames.last()
            && frames.len() == 1
            && content.instances > MAX_INSTANCES
        {
            let message = format!("the component has more than {MAX_INSTANCES} core instances");
            return Err(Error::new(ErrorKind::Limit, message));
        }
    }
    Ok(())
}

/// Counts what a section has; none if it is malformed.
fn section(frames: &mut [Frame], payload: Payload<'_>) -> Option<()> {
    match payload {
        Payload::InstanceSection(reader) => {
            for instance in reader {
                let instantiates = matches!(instance.ok()?, Instance::Instantiate { .. });
                content(frames, 0)?.instances += u64::from(instantiates);
            }
        }
        Payload::ComponentInstanceSection(reader) => {
            for instance in reader {
                if let ComponentInstance::Instantiate { component_index, .. } = instance.ok()? {
                    let content = content(frames, 0)?;
                    let inner = *content.components.get(component_index as usize)?;
                    // A component without core instances takes its time, too.
                    content.instances = content.instances.saturating_add(inner.max(1));
                }
            }
        }
        Payload::ComponentAliasSection(reader) => {
            for alias in reader {
                let aliased = match alias.ok()? {
                    ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                        *content(frames, count as usize)?.components.get(index as usize)?
                    }
                    // Which one it is isn't known here: at most the largest.
                    ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => {
                        let all = frames.iter().filter_map(|frame| match frame {
                            Frame::Component(content) => content.components.iter().max(),
                            Frame::Module => None,
                        });
                        all.max().copied().unwrap_or(1)
                    }
                    _ => continue,
                };
                content(frames, 0)?.components.push(aliased);
            }
        }
        Payload::ComponentImportSection(reader) => {
            for import in reader {
                if let ComponentTypeRef::Component(_) = import.ok()?.ty {
                    content(frames, 0)?.components.push(1);
                }
            }
        }
        Payload::ComponentExportSection(reader) => {
            for export in reader {
                let export = export.ok()?;
                if export.kind == ComponentExternalKind::Component {
                    let content = content(frames, 0)?;
                    let exported = *content.components.get(export.index as usize)?;
                    content.components.push(exported);
                }
            }
        }
        _ => {}
    }
    Some(())
}

/// The component that is so many components around the innermost one, if that isn't a module.
fn content(frames: &mut [Frame], outward: usize) -> Option<&mut Content> {
    let index = frames.len().checked_sub(outward + 1)?;
    match frames.get_mut(index)? {
        Frame::Component(content) => Some(content),
        Frame::Module => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> Option<String> {
        check(&wat::parse_str(text).unwrap()).err().map(|error| error.to_string())
    }

    /// Each component instantiates the one before it twice.
    fn doubling(levels: usize) -> String {
        let level = |number: usize| {
            format!(
                "(component $c{} (alias outer $root $c{number} (component $c))
                    (instance (instantiate $c)) (instance (instantiate $c)))",
                number + 1
            )
        };
        let levels: String = (0..levels).map(level).collect();
        format!(
            "(component $root (component $c0 (core module $m) (core instance (instantiate $m))) {levels}
                (instance (instantiate $c1)) (instance (instantiate $c{})))",
            levels.matches("(component $c").count() / 2
        )
    }

    #[test]
    fn instances_are_counted_as_they_unfold() {
        assert_eq!(refusal(&doubling(10)), None);
        let message = refusal(&doubling(40)).unwrap();
        assert!(message.contains("more than 10000 core instances"), "{message}");
    }

    /// In the binary format: texts can't be nested so deeply.
    fn nested(depth: usize) -> Vec<u8> {
        let header = [0, b'a', b's', b'm', 0xd, 0, 1, 0];
        (1..depth).fold(header.to_vec(), |inner, _| {
            // Section 4 is a component; its size as a LEB128 of three bytes.
            let size = inner.len();
            let size = [size & 127 | 128, size >> 7 & 127 | 128, size >> 14].map(|byte| byte as u8);
            [&header[..], &[4], &size, &inner].concat()
        })
    }

    #[test]
    fn components_in_components() {
        assert!(check(&nested(100)).is_ok());
        let message = check(&nested(102)).unwrap_err().to_string();
        assert!(message.contains("nested more than 100 deep"), "{message}");
    }
}
