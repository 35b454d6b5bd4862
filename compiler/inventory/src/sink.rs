//! What readers deliver, and to whom.
//!
//! A [`Sink`] gets everything an input says: resources, what the input proves to be complete, items of deleted
//! resources and what could not be read. It decides what to keep; of several records of one resource it sees
//! all. An [`Error`] is for an input as a whole, a [`Skip`] for one record of it.

use std::fmt;

use parapet_model::{Name, Origin, Proof, Record, Resource};

use crate::organisation::Fact;

/// What readers push into.
pub trait Sink {
    /// One resource. Those split off a record follow it, with [`Origin::part`] counting from 1.
    fn record(&mut self, record: Record);

    /// One resource of which no more is read than is wanted, and which has no record: only of a source that says what is
    /// wanted ([`crate::Source::wanted`]) and does not ask for places. What its record said besides is
    /// [`crate::Given::of_resource`].
    fn typed(&mut self, typed: Box<Resource>);

    /// Something that the input shows to be complete.
    fn collected(&mut self, collected: Collected);

    /// Something that the input shows not to be complete.
    fn incomplete(&mut self, gap: Gap);

    /// An item of a deleted resource, as far as it says who that was: it is not evaluated, and what was captured
    /// of the resource before is no more.
    fn deleted(&mut self, record: Record);

    /// A resource that is no more, as far as the input says who that was, without an item of its own that says so.
    fn ended(&mut self, record: Record);

    /// What the input does to a resource that is not in it.
    fn added(&mut self, addition: Addition);

    /// A record that is not delivered, and why.
    fn skipped(&mut self, skipped: Skip);

    /// Something about the accounts of the organisation, for whoever describes them.
    fn told(&mut self, _: Fact) {}
}

/// Resource types of which every resource there is stands in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    pub types: Types,
    /// `None`: all accounts that the input names.
    pub accounts: Option<Vec<Name>>,
    /// `None`: all regions that the input names; `global` is one.
    pub regions: Option<Vec<Name>>,
    pub by: By,
    /// When that was so, in RFC 3339; `None` where the input does not say.
    pub captured: Option<Name>,
}

/// What shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A recorder's record in an inventory.
    Recorder,
    /// A recorder that was asked for: what it covers is in the inputs only if records of AWS Config are.
    AskedRecorder,
    Listing,
}

/// Resource types of which some resources may not stand in the inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub types: Types,
    /// `None`: any account.
    pub account: Option<Name>,
    /// `None`: any region; `global` is one.
    pub region: Option<Name>,
    /// What shows as much and no more does not show that there are no others.
    pub beats: Proof,
    /// For reports: `` `iam list-users` in account 1 was answered with `AccessDenied` ``.
    pub why: String,
}

/// Some resource types, or all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Types {
    All,
    Listed(Vec<Name>),
}

/// What an input does to a resource that is not in it: a policy more for a role that is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    pub resource_type: Name,
    /// The text that names the resource; `None` where that is not known.
    pub key: Option<Name>,
    pub property: Name,
    /// It is one more element of the property; else nobody knows what becomes of the property.
    pub appends: bool,
    /// What does it, as reports call it.
    pub address: Name,
}

/// A record that is not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The record.
    pub origin: Origin,
    /// The line of the fault, from 1.
    pub line: u32,
    /// The column of the fault, in characters, from 1.
    pub column: u32,
    pub reason: String,
    /// The record is in error; otherwise it is something that nobody reads.
    pub error: bool,
}

/// What an input held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The names of the formats met, in order of first occurrence.
    pub formats: Vec<&'static str>,
    /// Resources delivered, those split off others included.
    pub records: u64,
    /// Bytes read, after decompression.
    pub bytes: u64,
    /// The input is a template, plan or state: what is not in it does not exist.
    pub world: bool,
    /// Resource types that an input of this kind cannot hold: of these it says nothing.
    pub unseen: &'static [&'static str],
}

/// Bounds on what an input may make a reader hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of one record.
    pub record: usize,
    /// How many bytes are read at a time.
    pub chunk: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { record: 256 << 20, chunk: 256 << 10 }
    }
}

/// Why an input as a whole was not read.
#[derive(Debug)]
pub enum Error {
    /// There is nothing in it.
    Empty,
    /// No reader knows what it is.
    Unrecognised,
    /// It is something that this version does not read.
    NotYet(&'static str),
    /// No format has the name that was asked for.
    UnknownFormat(String),
    /// It could not be read; what came before was delivered.
    Io(std::io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Empty => f.write_str("the input is empty"),
            Error::Unrecognised => f.write_str("not an input that a reader knows"),
            Error::NotYet(what) => f.write_str(what),
            Error::UnknownFormat(name) => write!(f, "no input format is called `{name}`"),
            Error::Io(error) => write!(f, "the input cannot be read: {error}"),
        }
    }
}

impl std::error::Error for Error {}
