//! The table of diagnostic codes.
//!
//! One line a code; the page beside it (`codes/E0101.md`) is what `parapet explain` prints. A code is
//! never reused or renumbered.

use crate::Level;

/// One kind of diagnostic.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// `E0101`.
    pub code: &'static str,
    /// `unknown_property`: what `@allow` takes.
    pub name: &'static str,
    pub level: Level,
    /// The first version that had it.
    pub since: &'static str,
    /// One sentence: what the code means.
    pub summary: &'static str,
    /// The page, in Markdown.
    pub page: &'static str,
}

macro_rules! codes {
    ($($(#[doc = $summary:literal])+ $constant:ident = $code:literal $name:literal $level:ident since $since:literal;)*) => {
        $(
            $(#[doc = $summary])+
            pub static $constant: Code = Code {
                code: $code,
                name: $name,
                level: Level::$level,
                since: $since,
                summary: concat!($($summary),+),
                page: include_str!(concat!("codes/", $code, ".md")),
            };
        )*

        /// Every code, in the order of the table.
        pub static ALL: &[&Code] = &[$(&$constant),*];
    };
}

codes! {
    /// Text that is no Parapet.
    SYNTAX = "E0001" "syntax" Error since "0.1.0";
    /// A string that its line ends before it does.
    UNCLOSED_STRING = "E0002" "unclosed_string" Error since "0.1.0";
    /// A bracket without its partner.
    UNBALANCED_BRACKET = "E0003" "unbalanced_bracket" Error since "0.1.0";
    /// Brackets, operators or blocks nested too deeply.
    TOO_DEEP = "E0004" "too_deep" Error since "0.1.0";
    /// A literal that denotes no value: an impossible date, an address with host bits, an escape nobody knows.
    BAD_LITERAL = "E0005" "bad_literal" Error since "0.1.0";
    /// A word of the language used as a name, or a name in the wrong case.
    BAD_NAME = "E0006" "bad_name" Error since "0.1.0";
    /// A file that is too large, or no UTF-8 text.
    BAD_FILE = "E0007" "bad_file" Error since "0.1.0";
    /// A property that the type does not have.
    UNKNOWN_PROPERTY = "E0101" "unknown_property" Error since "0.1.0";
    /// A value that may be absent used as if it were present.
    OPTIONAL_VALUE = "E0102" "optional_value" Error since "0.1.0";
    /// A value of one type where another is wanted.
    TYPE_MISMATCH = "E0103" "type_mismatch" Error since "0.1.0";
    /// A comparison with a value that the schema does not list.
    IMPOSSIBLE_VALUE = "E0104" "impossible_value" Error since "0.1.0";
    /// A test that absence makes true under a negation.
    ABSENCE_PASSES = "E0105" "absence_passes" Error since "0.1.0";
    /// An operation that a type does not have.
    INVALID_OPERATION = "E0106" "invalid_operation" Error since "0.1.0";
    /// A call with the wrong number or names of arguments.
    WRONG_ARGUMENTS = "E0107" "wrong_arguments" Error since "0.1.0";
    /// A regular expression that does not compile.
    BAD_REGEX = "E0108" "bad_regex" Error since "0.1.0";
    /// A name that nothing in reach defines.
    UNKNOWN_NAME = "E0201" "unknown_name" Error since "0.1.0";
    /// A resource type that no schema defines.
    UNKNOWN_TYPE = "E0202" "unknown_type" Error since "0.1.0";
    /// Two definitions of one name in one scope.
    DUPLICATE_NAME = "E0203" "duplicate_name" Error since "0.1.0";
    /// A function or constant that needs itself.
    CIRCULAR = "E0204" "circular" Error since "0.1.0";
    /// A name that its module does not export.
    PRIVATE_NAME = "E0205" "private_name" Error since "0.1.0";
    /// A module that does not exist.
    UNKNOWN_MODULE = "E0206" "unknown_module" Error since "0.1.0";
    /// Two files that are one module.
    DUPLICATE_MODULE = "E0207" "duplicate_module" Error since "0.1.0";
    /// An attribute that the language does not have, or with wrong arguments.
    BAD_ATTRIBUTE = "E0301" "bad_attribute" Error since "0.1.0";
    /// One control mapped twice by a guardrail.
    DUPLICATE_CONTROL = "E0302" "duplicate_control" Error since "0.1.0";
    /// A statement where it may not stand.
    MISPLACED_STATEMENT = "E0303" "misplaced_statement" Error since "0.1.0";
    /// A constant that is not constant, or whose evaluation fails.
    NOT_CONSTANT = "E0304" "not_constant" Error since "0.1.0";
    /// A waiver that lacks what every waiver needs.
    INCOMPLETE_WAIVER = "E0305" "incomplete_waiver" Error since "0.1.0";
    /// A relation that does not stand between two resources.
    BAD_RELATION = "E0306" "bad_relation" Error since "0.1.0";
    /// A schema or extension that no inventory could follow.
    BAD_SCHEMA = "E0307" "bad_schema" Error since "0.1.0";
    /// A waiver of a guardrail that its package demands of everyone.
    MANDATORY_GUARDRAIL = "E0308" "mandatory_guardrail" Error since "0.1.0";
    /// A manifest that does not say what it should.
    BAD_MANIFEST = "E0401" "bad_manifest" Error since "0.1.0";
    /// A collection of resources joined without an equality.
    JOIN_WITHOUT_EQUALITY = "W0201" "join_without_equality" Warning since "0.1.0";
    /// A name that is bound and never read.
    UNUSED_NAME = "W0202" "unused_name" Warning since "0.1.0";
    /// A read-only property in `skip if` without `definitely`.
    READ_ONLY_SKIP = "W0203" "read_only_skip" Warning since "0.1.0";
    /// A property that only templates and plans can show.
    WRITE_ONLY_PROPERTY = "W0204" "write_only_property" Warning since "0.1.0";
    /// A property that the schema calls deprecated.
    DEPRECATED_PROPERTY = "W0205" "deprecated_property" Warning since "0.1.0";
    /// A pattern on an identifier or ARN that matches anywhere in it.
    UNANCHORED_PATTERN = "W0206" "unanchored_pattern" Warning since "0.1.0";
    /// A use of something that its author deprecated.
    DEPRECATED_ITEM = "W0207" "deprecated_item" Warning since "0.1.0";
    /// A guardrail without a `# Fix` section.
    MISSING_FIX = "W0208" "missing_fix" Warning since "0.1.0";
    /// A guardrail that can never fail.
    NEVER_FAILS = "W0209" "never_fails" Warning since "0.1.0";
    /// An `@allow` of a lint that the item does not have.
    UNUSED_ALLOW = "W0210" "unused_allow" Warning since "0.1.0";
    /// A guardrail that nothing can pass.
    NEVER_PASSES = "W0211" "never_passes" Warning since "0.1.0";
    /// A condition that is always true, or always false.
    CONSTANT_CONDITION = "W0212" "constant_condition" Warning since "0.1.0";
    /// A guardrail that skips every resource.
    NEVER_APPLIES = "W0213" "never_applies" Warning since "0.1.0";
    /// A requirement that another one implies.
    IMPLIED_REQUIREMENT = "W0214" "implied_requirement" Warning since "0.1.0";
    /// A property that records of a chosen input format do not show.
    UNOBSERVABLE_PROPERTY = "W0215" "unobservable_property" Warning since "0.1.0";
    /// A waiver whose end has come: it waives nothing.
    EXPIRED_WAIVER = "W0216" "expired_waiver" Warning since "0.1.0";
    /// A waiver that ends within a fortnight.
    ENDING_WAIVER = "W0217" "ending_waiver" Warning since "0.1.0";
    /// A change of a rule that no test notices; `parapet test --mutate` finds it.
    SURVIVING_MUTANT = "W0301" "surviving_mutant" Warning since "0.1.0";
}

impl Code {
    /// Whether `@allow` can name it: every warning, and the one error that an author may answer for.
    pub fn may_be_allowed(&self) -> bool {
        self.level == Level::Warning || self.code == ABSENCE_PASSES.code
    }
}

/// The code that is written `E0101` or named `unknown_property`; case does not matter.
pub fn code_named(text: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|code| code.code.eq_ignore_ascii_case(text) || code.name.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique() {
        for (at, code) in ALL.iter().enumerate() {
            assert!(
                ALL.iter().skip(at + 1).all(|other| other.code != code.code && other.name != code.name),
                "{}",
                code.code
            );
            assert!(code.page.starts_with(&format!("# {}", code.code)), "{} has no page of its own", code.code);
        }
    }
}
