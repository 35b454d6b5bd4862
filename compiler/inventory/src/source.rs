//! An input, and what stands beside it.

use std::io;
use std::path::{Path, PathBuf};

use parapet_model::{Name, Schema};
use rustc_hash::FxHashSet;

use crate::cloudformation::Parameters;
use crate::sink::Limits;

/// An input as it is handed to [`crate::read`].
pub struct Source<'s> {
    /// The resource types that there are.
    pub schema: &'s Schema,
    /// The index of the input, in the order given.
    pub input: u32,
    /// Where it stands: paths in it are relative to this one's folder.
    pub path: &'s Path,
    /// The format that every record is taken for; `None` or `auto` to detect it.
    pub format: Option<&'s str>,
    pub limits: Limits,
    /// The files that an input may refer to.
    pub files: &'s dyn Files,
    /// What the parameters of templates stand for.
    pub parameters: &'s Parameters,
    /// The folder that the input was found in, which what it refers to must not leave; empty for the one it stands in.
    pub within: &'s Path,
    /// Files that set variables of Terraform configuration; the later wins.
    pub var_files: &'s [PathBuf],
    /// The properties of a type that somebody reads; records may lack all others. `None`: all are read.
    pub wanted: Option<&'s Wanted<'s>>,
    /// Where values stand is asked for, so that none is delivered without its place.
    pub placed: bool,
}

/// Among what is wanted of a type: its tags as the header has them.
pub const TAGS: &str = "$tags";

/// The properties of a resource type that somebody reads, and [`TAGS`].
pub type Wanted<'s> = dyn Fn(&str) -> FxHashSet<Name> + Sync + 's;

impl<'s> Source<'s> {
    /// An input that stands alone.
    pub fn alone(schema: &'s Schema, input: u32) -> Source<'s> {
        Source {
            schema,
            input,
            path: Path::new(""),
            format: None,
            limits: Limits::default(),
            files: &NoFiles,
            parameters: Parameters::none(),
            within: Path::new(""),
            var_files: &[],
            wanted: None,
            placed: false,
        }
    }
}

/// Files that inputs refer to.
pub trait Files: Sync {
    /// A file's bytes, at most so many: a longer one is an error.
    fn read(&self, path: &Path, most: usize) -> io::Result<Vec<u8>>;

    /// The entries of a folder, sorted.
    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;

    /// The path with links resolved.
    fn real(&self, path: &Path) -> PathBuf;
}

/// There are no other files.
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &Path, _: usize) -> io::Result<Vec<u8>> {
        Err(io::Error::new(io::ErrorKind::NotFound, format!("{} is not there", path.display())))
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        Err(io::Error::new(io::ErrorKind::NotFound, format!("{} is not there", folder.display())))
    }

    fn real(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }
}
