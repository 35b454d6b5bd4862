//! The kinds of tokens, and the character that stands for each in the grammar.

/// What a token is to the grammar. The value of a kind is its code, which the rules at the end of `grammar.pest` name.
///
/// Words have letters and digits: lower case for those that may also be names, upper case and digits for the others. Of
/// those that may name a relation, there is one more of each, for a word with white space behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Kind {
    // Words that may name a relation.
    Name = 'n' as u32,
    NameApart = 'g' as u32,
    /// A name that a `::` touches.
    PathHead = 'z' as u32,
    /// `count` and `first`.
    Counted = 'c' as u32,
    CountedApart = 'b' as u32,
    Of = 'm' as u32,
    OfApart = 'l' as u32,
    Inventory = 'v' as u32,
    InventoryApart = 'j' as u32,
    /// `resource` and `resources`.
    Resources = 'r' as u32,
    ResourcesApart = 'q' as u32,
    Until = 't' as u32,
    UntilApart = 'e' as u32,
    /// `reason`, `ticket` and `owner`.
    WaiveText = 'y' as u32,
    WaiveTextApart = 'x' as u32,

    // Words that may be names, but not of relations.
    Where = 'w' as u32,
    On = 'o' as u32,
    With = 'h' as u32,
    Passes = 'p' as u32,
    Fails = 'f' as u32,
    Skips = 's' as u32,
    Subset = 'u' as u32,
    Intersects = 'i' as u32,
    /// `present` and `absent`.
    State = 'a' as u32,
    Unknown = 'k' as u32,
    Definitely = 'd' as u32,

    // Words that cannot be names.
    Guardrail = 'G' as u32,
    Fn = 'F' as u32,
    Const = 'C' as u32,
    Param = 'P' as u32,
    Relation = 'R' as u32,
    Test = 'T' as u32,
    Waive = 'W' as u32,
    Schema = 'S' as u32,
    Extend = 'X' as u32,
    Use = 'U' as u32,
    Pub = 'B' as u32,
    Let = 'L' as u32,
    Skip = 'K' as u32,
    Require = 'Q' as u32,
    For = 'O' as u32,
    If = 'I' as u32,
    Else = 'E' as u32,
    Given = 'V' as u32,
    Expect = 'Z' as u32,
    And = '0' as u32,
    Or = '1' as u32,
    Not = '7' as u32,
    In = '3' as u32,
    Is = '4' as u32,
    As = '2' as u32,
    Like = '5' as u32,
    Matches = '6' as u32,
    Then = 'H' as u32,
    /// `count` and `first` before `name in`.
    CountedHead = 'D' as u32,
    /// `any`, `all` and `no`.
    Quantifier = 'A' as u32,
    Now = 'J' as u32,
    /// `true` and `false`.
    Truth = 'Y' as u32,

    // Marks.
    OpenParen = '(' as u32,
    CloseParen = ')' as u32,
    OpenBracket = '[' as u32,
    CloseBracket = ']' as u32,
    OpenBrace = '{' as u32,
    CloseBrace = '}' as u32,
    Comma = ',' as u32,
    /// A `:` with nothing but white space and comments between it and a word before it.
    Colon = ':' as u32,
    ColonElsewhere = '∶' as u32,
    /// A `::` between the words of a path.
    PathMark = '·' as u32,
    PathMarkElsewhere = '∷' as u32,
    /// A `::` that touches a word before it, but no word behind it.
    PathEnd = '⋮' as u32,
    Assign = '=' as u32,
    At = '@' as u32,
    Arrow = '→' as u32,
    Dot = '⋅' as u32,
    /// A `.` that touches words on both sides.
    TightDot = '⋄' as u32,
    /// A `.` that touches a word before it, but no word behind it.
    DotBehindWord = '⋆' as u32,
    SafeDot = '⋇' as u32,
    Question = '?' as u32,
    Default = '⊚' as u32,
    Range = '⊛' as u32,
    ClosedRange = '⊜' as u32,
    Plus = '⊕' as u32,
    /// A `+` that touches a word before it, with white space behind it.
    PlusBehindWord = '⊝' as u32,
    Minus = '⊖' as u32,
    Times = '⊗' as u32,
    Slash = '⊘' as u32,
    Percent = '⊙' as u32,
    Bar = '|' as u32,
    Equal = '≡' as u32,
    NotEqual = '≠' as u32,
    Less = '≺' as u32,
    LessEqual = '≤' as u32,
    Greater = '≻' as u32,
    GreaterEqual = '≥' as u32,
    /// A `>` that a `=` touches, where a type may end.
    GreaterBeforeAssign = '≽' as u32,
    Semicolon = '\u{1f}' as u32,
    /// A line end that separates.
    LineEnd = '\u{1e}' as u32,

    // Literals.
    Int = '#' as u32,
    Float = '~' as u32,
    Duration = '&' as u32,
    Time = '^' as u32,
    Address = '!' as u32,
    String = '"' as u32,
    RawString = '\'' as u32,
    Regex = '\\' as u32,

    // Templates.
    OpenTemplate = '‹' as u32,
    CloseTemplate = '›' as u32,
    TemplateText = '_' as u32,
    /// `{{` and `}}`.
    TemplateBrace = '‖' as u32,
    OpenInterpolation = '«' as u32,
    CloseInterpolation = '»' as u32,

    /// What is no token of the language.
    Bad = '\u{fffd}' as u32,
}

impl Kind {
    /// The character that stands for the token.
    pub(crate) fn code(self) -> char {
        char::from_u32(self as u32).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// The kind of a word.
    pub(crate) fn of_word(word: &[u8]) -> Kind {
        if word.len() > "intersects".len() {
            return Kind::Name;
        }
        match word.first() {
            Some(b'a'..=b'e') => a_to_e(word),
            Some(b'f'..=b'i') => f_to_i(word),
            Some(b'j'..=b'q') => j_to_q(word),
            Some(b'r'..=b'z') => r_to_z(word),
            Some(_) | None => Kind::Name,
        }
    }

    /// The kind of a word with white space behind it.
    pub(crate) fn apart(self) -> Kind {
        self.in_pair().map_or(self, |(_, apart)| apart)
    }

    /// The kind of a word with no white space behind it.
    pub(crate) fn touching(self) -> Kind {
        self.in_pair().map_or(self, |(touching, _)| touching)
    }

    fn in_pair(self) -> Option<(Kind, Kind)> {
        const PAIRS: [(Kind, Kind); 7] = [
            (Kind::Name, Kind::NameApart),
            (Kind::Counted, Kind::CountedApart),
            (Kind::Of, Kind::OfApart),
            (Kind::Inventory, Kind::InventoryApart),
            (Kind::Resources, Kind::ResourcesApart),
            (Kind::Until, Kind::UntilApart),
            (Kind::WaiveText, Kind::WaiveTextApart),
        ];
        PAIRS.into_iter().find(|(touching, apart)| *touching == self || *apart == self)
    }

    pub(crate) fn is_word(self) -> bool {
        self.code().is_ascii_alphanumeric()
    }

    /// A word that cannot be a name.
    pub(crate) fn is_reserved(self) -> bool {
        self.code().is_ascii_uppercase() || self.code().is_ascii_digit()
    }

    /// A word after which a statement goes on.
    pub(crate) fn wants_more(self) -> bool {
        matches!(
            self,
            Kind::And
                | Kind::Or
                | Kind::Not
                | Kind::In
                | Kind::Is
                | Kind::As
                | Kind::Like
                | Kind::Matches
                | Kind::If
                | Kind::Then
                | Kind::Else
                | Kind::Where
                | Kind::Quantifier
                | Kind::Of
                | Kind::Intersects
                | Kind::Require
                | Kind::Let
                | Kind::Skip
                | Kind::For
                | Kind::Definitely
        )
    }

    /// A word that goes on with the line before.
    pub(crate) fn is_infix(self) -> bool {
        matches!(
            self,
            Kind::And
                | Kind::Or
                | Kind::In
                | Kind::Is
                | Kind::As
                | Kind::Like
                | Kind::Matches
                | Kind::Then
                | Kind::Else
                | Kind::Where
                | Kind::Intersects
        )
    }

    /// A word that always begins a statement.
    pub(crate) fn begins_statement(self) -> bool {
        matches!(self, Kind::Require | Kind::Let | Kind::Skip | Kind::Given | Kind::Expect)
    }

    /// A word by which expressions nest.
    pub(crate) fn nests(self) -> bool {
        matches!(
            self,
            Kind::Not
                | Kind::If
                | Kind::Quantifier
                | Kind::And
                | Kind::Or
                | Kind::Counted
                | Kind::As
                | Kind::In
                | Kind::Is
        )
    }
}

fn a_to_e(word: &[u8]) -> Kind {
    match word {
        b"absent" => Kind::State,
        b"all" | b"any" => Kind::Quantifier,
        b"and" => Kind::And,
        b"as" => Kind::As,
        b"const" => Kind::Const,
        b"count" => Kind::Counted,
        b"definitely" => Kind::Definitely,
        b"else" => Kind::Else,
        b"expect" => Kind::Expect,
        b"extend" => Kind::Extend,
        _ => Kind::Name,
    }
}

fn f_to_i(word: &[u8]) -> Kind {
    match word {
        b"fails" => Kind::Fails,
        b"false" => Kind::Truth,
        b"first" => Kind::Counted,
        b"fn" => Kind::Fn,
        b"for" => Kind::For,
        b"given" => Kind::Given,
        b"guardrail" => Kind::Guardrail,
        b"if" => Kind::If,
        b"in" => Kind::In,
        b"intersects" => Kind::Intersects,
        b"inventory" => Kind::Inventory,
        b"is" => Kind::Is,
        _ => Kind::Name,
    }
}

fn j_to_q(word: &[u8]) -> Kind {
    match word {
        b"let" => Kind::Let,
        b"like" => Kind::Like,
        b"matches" => Kind::Matches,
        b"no" => Kind::Quantifier,
        b"not" => Kind::Not,
        b"now" => Kind::Now,
        b"of" => Kind::Of,
        b"on" => Kind::On,
        b"or" => Kind::Or,
        b"owner" => Kind::WaiveText,
        b"param" => Kind::Param,
        b"passes" => Kind::Passes,
        b"present" => Kind::State,
        b"pub" => Kind::Pub,
        _ => Kind::Name,
    }
}

fn r_to_z(word: &[u8]) -> Kind {
    match word {
        b"reason" | b"ticket" => Kind::WaiveText,
        b"relation" => Kind::Relation,
        b"require" => Kind::Require,
        b"resource" | b"resources" => Kind::Resources,
        b"schema" => Kind::Schema,
        b"skip" => Kind::Skip,
        b"skips" => Kind::Skips,
        b"subset" => Kind::Subset,
        b"test" => Kind::Test,
        b"then" => Kind::Then,
        b"true" => Kind::Truth,
        b"unknown" => Kind::Unknown,
        b"until" => Kind::Until,
        b"use" => Kind::Use,
        b"waive" => Kind::Waive,
        b"where" => Kind::Where,
        b"with" => Kind::With,
        _ => Kind::Name,
    }
}
