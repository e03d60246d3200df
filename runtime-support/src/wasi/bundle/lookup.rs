//! Finds paths in the tree that a granted directory and the bundle below it make together, name by name: at
//! each name what the host has hides what the bundle has, except that a directory over a directory shows the
//! names of both. Links of either lead on in the whole tree. As beneath a granted directory, a path or a link
//! that leads out of the directory that the look-up started from gives `PERM`.
//!
//! On the host each name is opened on its own, without following links, as in `walk`.

use core::ffi::CStr;
use core::mem::MaybeUninit;

use crate::sys::dir::{self, PATH_MAX};
use crate::sys::file::{self, Fd, FileKind};
use crate::sys::{self, c_str};

use super::super::descriptor::{Descriptor, NO_HOST};
use super::super::opened::Opened;
use super::super::procfs;
use super::super::types::{Errno, Result};
use super::super::walk::{self, MAX_DEPTH, MAX_LINKS, NAME_SIZE, Pending, escape};
use super::tree::{Contents, NodeIndex};

/// A directory: the host's, the bundle's or both.
#[derive(Clone, Copy)]
struct Level {
    host: Fd,
    node: Option<NodeIndex>,
}

/// What a name stands for in a directory.
struct Entry {
    host: Option<FileKind>,
    node: Option<NodeIndex>,
}

impl Level {
    fn find(&self, name: &CStr) -> Result<Entry> {
        let node = || self.node.and_then(|node| node.child(name.to_bytes()).ok());
        if self.host == NO_HOST {
            return Ok(Entry { host: None, node: node() });
        }
        let kind = match dir::stat_name(self.host, name) {
            Ok(stat) => stat.kind,
            Err(sys::Errno::NOENT) => return Ok(Entry { host: None, node: node() }),
            Err(error) => return Err(error.into()),
        };
        // Anything but a directory hides what is below.
        let node = if kind == FileKind::Directory { node() } else { None };
        Ok(Entry { host: Some(kind), node: node.filter(|node| node.is_directory()) })
    }
}

impl Entry {
    fn kind(&self) -> Option<FileKind> {
        match (self.host, self.node) {
            (Some(kind), _) => Some(kind),
            (None, Some(node)) => node.get().ok().map(Contents::file_kind),
            (None, None) => None,
        }
    }

    /// Puts the target of a link, which has this name in `level`, before what is still to be looked up.
    fn expand(&self, level: Level, name: &CStr, pending: &mut Pending) -> Result<()> {
        let mut buffer = [const { MaybeUninit::uninit() }; PATH_MAX as usize];
        let target = match (self.host, self.node) {
            (Some(_), _) => dir::read_link(level.host, name, &mut buffer)?,
            (None, Some(node)) => node.get()?.target(),
            (None, None) => return Err(Errno::NOENT),
        };
        if target.len() >= PATH_MAX as usize {
            return Err(Errno::NAMETOOLONG);
        }
        pending.prepend(target).map_err(escape)
    }
}

/// Where a path leads. Its directories stay open.
pub struct Place {
    start: Level,
    below: [Level; MAX_DEPTH],
    depth: usize,
    name: [u8; NAME_SIZE],
    /// Something that only the bundle has led there: the host doesn't find it by the path.
    crossed: bool,
    /// Whether the host has it.
    pub on_host: bool,
    /// What the bundle has there, unless the host hides it.
    pub node: Option<NodeIndex>,
}

impl Place {
    /// Looks a path up; `follow`: also the last name if it is a link. That name may stand for nothing.
    pub fn find(directory: &Descriptor, path: &CStr, follow: bool) -> Result<Place> {
        let start = Level { host: directory.host, node: directory.node() };
        let mut place = Place {
            start,
            below: [Level { host: NO_HOST, node: None }; MAX_DEPTH],
            depth: 0,
            name: [0; NAME_SIZE],
            crossed: false,
            on_host: false,
            node: None,
        };
        place.walk(path, follow)?;
        Ok(place)
    }

    fn walk(&mut self, path: &CStr, follow: bool) -> Result<()> {
        if path.is_empty() {
            return Err(Errno::NOENT);
        }
        let mut pending = Pending::new(path.to_bytes()).map_err(escape)?;
        let mut links = MAX_LINKS;
        loop {
            let mut name = [0; NAME_SIZE];
            let Some(component) = pending.next(&mut name)? else { break };
            match component.name.to_bytes() {
                b"." => continue,
                b".." => {
                    self.pop()?;
                    continue;
                }
                _ => {}
            }
            let entry = self.current().find(component.name)?;
            match entry.kind() {
                Some(FileKind::SymbolicLink) if follow || !component.is_last => {
                    links = links.checked_sub(1).ok_or(Errno::LOOP)?;
                    entry.expand(self.current(), component.name, &mut pending)?;
                    self.crossed |= entry.host.is_none();
                }
                _ if component.is_last => {
                    (self.on_host, self.node) = (entry.host.is_some(), entry.node);
                    self.name = name;
                    return Ok(());
                }
                Some(FileKind::Directory) => self.push(&entry, component.name)?,
                Some(_) => return Err(Errno::NOTDIR),
                None => return Err(Errno::NOENT),
            }
        }
        // The path ended in `/`, `.` or `..`.
        let Level { host, node } = self.current();
        (self.on_host, self.node) = (host != NO_HOST, node);
        self.name.iter_mut().zip(b".").for_each(|(to, from)| *to = *from);
        Ok(())
    }

    /// Whether the path means something else than it would to the host.
    pub fn concerns_bundle(&self) -> bool {
        self.crossed || (self.node.is_some() && !self.on_host)
    }

    /// The directory that holds the last name, with its node.
    fn current(&self) -> Level {
        self.depth.checked_sub(1).and_then(|top| self.below.get(top)).copied().unwrap_or(self.start)
    }

    /// The host's directory that holds the last name, with the access that the start gives.
    pub fn parent(&self, start: &Descriptor) -> Option<Descriptor> {
        let Level { host, .. } = self.current();
        (host != NO_HOST).then_some(Descriptor { host, ..*start })
    }

    /// The last name, which is no link if links were followed; `.` for the directory itself.
    pub fn name(&self) -> &CStr {
        c_str::from_buffer(&self.name)
    }

    fn push(&mut self, entry: &Entry, name: &CStr) -> Result<()> {
        let current = self.current().host;
        let slot = self.below.get_mut(self.depth).ok_or(sys::Errno::MFILE)?;
        let host = match entry.host {
            Some(_) => {
                let opened = Opened::new(walk::open_directory(current, name).map_err(sys::Errno::from)?);
                if procfs::refuses_directory(opened.fd())? {
                    return Err(Errno::ACCES);
                }
                opened.into_fd()
            }
            None => NO_HOST,
        };
        self.crossed |= host == NO_HOST;
        *slot = Level { host, node: entry.node };
        self.depth += 1;
        Ok(())
    }

    fn pop(&mut self) -> Result<()> {
        self.depth = self.depth.checked_sub(1).ok_or(Errno::PERM)?;
        if let Some(level) = self.below.get(self.depth)
            && level.host != NO_HOST
        {
            file::close(level.host);
        }
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        while self.pop().is_ok() {}
    }
}
