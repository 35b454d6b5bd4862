//! Texts of `.tf.json` to expressions: a template whose `${…}` hold expressions.
//!
//! A text that cannot be read is an error with the words for it; nesting is bounded. `%{…}` directives are not read.

use super::syntax::{Binary, Expr, For, Part, Step, Unary};

/// The deepest nesting.
const MOST_DEPTH: usize = 64;

type Read<T> = Result<T, String>;

/// The expression that a text of a configuration is.
pub(super) fn template(text: &str) -> Read<Expr> {
    let mut parser = Parser { letters: text.chars().collect(), at: 0, depth: 0 };
    let parts = parser.template(None)?;
    Ok(single(parts))
}

/// `"${x}"` alone is the value of `x`, whatever its type.
fn single(parts: Vec<Part>) -> Expr {
    match <[Part; 1]>::try_from(parts) {
        Ok([Part::Computed(expr)]) => expr,
        Ok([literal]) => Expr::Template(vec![literal]),
        Err(parts) => Expr::Template(parts),
    }
}

struct Parser {
    letters: Vec<char>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn ahead(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(offset, letter)| self.letters.get(self.at + offset) == Some(&letter))
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.ahead(text);
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn space(&mut self) {
        loop {
            match self.peek() {
                Some(letter) if letter.is_whitespace() => self.at += 1,
                Some('#') => self.line_comment(),
                Some('/') if self.ahead("//") => self.line_comment(),
                Some('/') if self.ahead("/*") => {
                    while self.at < self.letters.len() && !self.ahead("*/") {
                        self.at += 1;
                    }
                    self.at += 2;
                }
                _ => return,
            }
        }
    }

    fn line_comment(&mut self) {
        while self.peek().is_some_and(|letter| letter != '\n') {
            self.at += 1;
        }
    }

    /// Takes a sign behind white space.
    fn sign(&mut self, text: &str) -> bool {
        self.space();
        self.take(text)
    }

    fn expect(&mut self, text: &str) -> Read<()> {
        match self.sign(text) {
            true => Ok(()),
            false => Err(format!("expected `{text}`")),
        }
    }

    /// Text up to the closing quote, or to the end.
    fn template(&mut self, quote: Option<char>) -> Read<Vec<Part>> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        loop {
            let Some(letter) = self.peek() else {
                match quote {
                    Some(_) => return Err("a text that does not end".to_owned()),
                    None => break,
                }
            };
            if Some(letter) == quote {
                self.at += 1;
                break;
            }
            if self.take("$${") || self.take("%%{") {
                literal.push(if letter == '$' { '$' } else { '%' });
                literal.push('{');
            } else if self.take("${") {
                self.take("~");
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                parts.push(Part::Computed(self.expression()?));
                self.space();
                self.take("~");
                self.expect("}")?;
            } else if self.ahead("%{") {
                return Err("`%{` directives are not evaluated".to_owned());
            } else if letter == '\\' && quote.is_some() {
                self.at += 1;
                literal.push(self.escape()?);
            } else {
                literal.push(letter);
                self.at += 1;
            }
        }
        if !literal.is_empty() || parts.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(parts)
    }

    fn escape(&mut self) -> Read<char> {
        let letter = self.peek().ok_or("a text that does not end")?;
        self.at += 1;
        let digits = match letter {
            'n' => return Ok('\n'),
            'r' => return Ok('\r'),
            't' => return Ok('\t'),
            'u' => 4,
            'U' => 8,
            other => return Ok(other),
        };
        let text: String = self.letters.iter().skip(self.at).take(digits).collect();
        self.at += digits;
        let code = u32::from_str_radix(&text, 16).ok().and_then(char::from_u32);
        code.ok_or_else(|| "not a character".to_owned())
    }

    fn expression(&mut self) -> Read<Expr> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(format!("nested deeper than {MOST_DEPTH} levels"));
        }
        let condition = self.binary(0)?;
        let expr = match self.sign("?") {
            true => {
                let yes = self.expression()?;
                self.expect(":")?;
                let no = self.expression()?;
                Expr::Conditional(Box::new(condition), Box::new(yes), Box::new(no))
            }
            false => condition,
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn binary(&mut self, level: usize) -> Read<Expr> {
        const LEVELS: [&[(&str, Binary)]; 6] = [
            &[("||", Binary::Or)],
            &[("&&", Binary::And)],
            &[("==", Binary::Equal), ("!=", Binary::Unequal)],
            &[("<=", Binary::LessEqual), (">=", Binary::GreaterEqual), ("<", Binary::Less), (">", Binary::Greater)],
            &[("+", Binary::Add), ("-", Binary::Subtract)],
            &[("*", Binary::Multiply), ("/", Binary::Divide), ("%", Binary::Remainder)],
        ];
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        loop {
            self.space();
            let found = operators.iter().find(|(sign, _)| self.ahead(sign));
            let Some((sign, operator)) = found else { return Ok(left) };
            self.take(sign);
            let right = self.binary(level + 1)?;
            left = Expr::Binary(*operator, Box::new(left), Box::new(right));
        }
    }

    fn unary(&mut self) -> Read<Expr> {
        self.space();
        let operator = match self.peek() {
            Some('!') if !self.ahead("!=") => Unary::Not,
            Some('-') => Unary::Minus,
            _ => return self.postfix(),
        };
        self.at += 1;
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(format!("nested deeper than {MOST_DEPTH} levels"));
        }
        let inner = self.unary()?;
        self.depth -= 1;
        Ok(Expr::Unary(operator, Box::new(inner)))
    }

    fn postfix(&mut self) -> Read<Expr> {
        let mut expr = self.primary()?;
        loop {
            self.space();
            if self.ahead("...") {
                return Ok(expr);
            }
            if self.take("[*]") {
                expr = Expr::Splat(Box::new(expr), self.steps(true)?);
            } else if self.take(".*") {
                expr = Expr::Splat(Box::new(expr), self.steps(false)?);
            } else if self.take("[") {
                let index = self.expression()?;
                self.expect("]")?;
                expr = Expr::Index(Box::new(expr), Box::new(index));
            } else if self.take(".") {
                self.space();
                expr = match self.digits() {
                    Some(index) => Expr::Index(Box::new(expr), Box::new(Expr::Int(index))),
                    None => Expr::Attribute(Box::new(expr), self.identifier()?),
                };
            } else {
                return Ok(expr);
            }
        }
    }

    /// What follows a star: of `.*` attributes alone.
    fn steps(&mut self, indexes: bool) -> Read<Vec<Step>> {
        let mut steps = Vec::new();
        loop {
            if self.ahead("...") || self.ahead("[*]") || self.ahead(".*") {
                return Ok(steps);
            }
            if self.take(".") {
                match self.digits() {
                    Some(index) => steps.push(Step::Index(Expr::Int(index))),
                    None => steps.push(Step::Attribute(self.identifier()?)),
                }
            } else if indexes && self.take("[") {
                steps.push(Step::Index(self.expression()?));
                self.expect("]")?;
            } else {
                return Ok(steps);
            }
        }
    }

    fn digits(&mut self) -> Option<i64> {
        let digits: String = self.letters.iter().skip(self.at).take_while(|letter| letter.is_ascii_digit()).collect();
        let number = digits.parse().ok()?;
        self.at += digits.len();
        Some(number)
    }

    fn identifier(&mut self) -> Read<String> {
        let is_part = |letter: &&char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
        let name: String = self.letters.iter().skip(self.at).take_while(is_part).collect();
        if name.is_empty() || name.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-') {
            return Err(match self.peek() {
                Some(letter) => format!("unexpected `{letter}`"),
                None => "the expression does not end".to_owned(),
            });
        }
        self.at += name.chars().count();
        Ok(name)
    }

    fn primary(&mut self) -> Read<Expr> {
        self.space();
        match self.peek() {
            Some('"') => {
                self.at += 1;
                self.template(Some('"')).map(quoted)
            }
            Some('(') => {
                self.at += 1;
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            Some('[') => self.tuple(),
            Some('{') => self.object(),
            Some(letter) if letter.is_ascii_digit() => self.number(),
            _ => {
                let name = self.identifier()?;
                match name.as_str() {
                    "true" => Ok(Expr::Bool(true)),
                    "false" => Ok(Expr::Bool(false)),
                    "null" => Ok(Expr::Null),
                    _ if self.ahead("(") => self.call(name),
                    _ => Ok(Expr::Name(name)),
                }
            }
        }
    }

    fn number(&mut self) -> Read<Expr> {
        let mut text = String::new();
        while let Some(letter) = self.peek() {
            let next = self.letters.get(self.at + 1).copied();
            let sign = matches!(letter, '+' | '-') && text.ends_with(['e', 'E']);
            let point = letter == '.' && next.is_some_and(|next| next.is_ascii_digit()) && !text.contains('.');
            if !(letter.is_ascii_digit() || matches!(letter, 'e' | 'E') || sign || point) {
                break;
            }
            text.push(letter);
            self.at += 1;
        }
        match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(int), _) => Ok(Expr::Int(int)),
            (_, Ok(float)) if float.is_finite() && text.contains(['.', 'e', 'E']) => Ok(Expr::Float(float)),
            (_, Ok(_)) => Ok(Expr::Beyond(text)),
            _ => Err(format!("not a number: {text}")),
        }
    }

    fn call(&mut self, name: String) -> Read<Expr> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        let mut expands = false;
        loop {
            if self.sign(")") {
                return Ok(Expr::Call { name, arguments, expands });
            }
            arguments.push(self.expression()?);
            expands |= self.sign("...");
            if !self.sign(",") {
                self.expect(")")?;
                return Ok(Expr::Call { name, arguments, expands });
            }
        }
    }

    fn tuple(&mut self) -> Read<Expr> {
        self.expect("[")?;
        if let Some(looped) = self.looped("]")? {
            return Ok(looped);
        }
        let mut elements = Vec::new();
        loop {
            if self.sign("]") {
                return Ok(Expr::Tuple(elements));
            }
            elements.push(self.expression()?);
            if !self.sign(",") {
                self.expect("]")?;
                return Ok(Expr::Tuple(elements));
            }
        }
    }

    fn object(&mut self) -> Read<Expr> {
        self.expect("{")?;
        if let Some(looped) = self.looped("}")? {
            return Ok(looped);
        }
        let mut members = Vec::new();
        loop {
            if self.sign("}") {
                return Ok(Expr::Object(members));
            }
            let key = match self.expression()? {
                // A bare name is itself the key.
                Expr::Name(name) => Expr::Template(vec![Part::Literal(name)]),
                other => other,
            };
            if !self.sign("=") {
                self.expect(":")?;
            }
            members.push((key, self.expression()?));
            // Entries may also stand on lines of their own.
            self.sign(",");
        }
    }

    /// A `for` behind an opening bracket.
    fn looped(&mut self, close: &str) -> Read<Option<Expr>> {
        self.space();
        let word = self.ahead("for") && self.letters.get(self.at + 3).is_some_and(|letter| letter.is_whitespace());
        if !word {
            return Ok(None);
        }
        self.at += 3;
        self.space();
        let first = self.identifier()?;
        let (key, value) = match self.sign(",") {
            true => {
                self.space();
                (Some(first), self.identifier()?)
            }
            false => (None, first),
        };
        self.expect("in")?;
        let source = self.expression()?;
        self.expect(":")?;
        let mut result = self.expression()?;
        let mut result_key = None;
        if self.sign("=>") {
            result_key = Some(result);
            result = self.expression()?;
        }
        let groups = self.sign("...");
        let condition = match self.sign("if") {
            true => Some(self.expression()?),
            false => None,
        };
        self.expect(close)?;
        if result_key.is_some() != (close == "}") {
            return Err("a `for` of an object has `key => value`".to_owned());
        }
        Ok(Some(Expr::For(Box::new(For { key, value, source, result_key, result, groups, condition }))))
    }
}

/// A quoted text is a text, also one that is a single expression: `"${1}"` inside an expression.
fn quoted(parts: Vec<Part>) -> Expr {
    Expr::Template(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_text() {
        assert_eq!(template("a $${b} %%{c}").unwrap(), Expr::Template(vec![Part::Literal("a ${b} %{c}".into())]));
        assert_eq!(template("").unwrap(), Expr::Template(vec![Part::Literal(String::new())]));
    }

    #[test]
    fn an_expression_alone_keeps_its_type() {
        assert_eq!(template("${1}").unwrap(), Expr::Int(1));
        let Expr::Template(parts) = template("a${1}").unwrap() else { panic!() };
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn everything_reads() {
        for text in [
            "${var.a ? [1] : []}",
            "${aws_x.y[*].id}",
            "${aws_x.y.*.id}",
            "${aws_x.y[0].z[\"k\"]}",
            "${[for k, v in var.m : \"${k}-${v}\" if v != null]}",
            "${{for v in var.l : v.name => v... if v.on}}",
            "${merge({a = 1, \"b\" : 2}, var.l...)}",
            "${-1 + 2 * 3 >= 4 && !true || false}",
            "${/* c */ 1.5e3}",
            "${format(\"%s-%d\", var.a, 3)}",
            "${x.0.y}",
        ] {
            assert!(template(text).is_ok(), "{text}: {:?}", template(text));
        }
    }

    #[test]
    fn what_does_not_read_is_said() {
        for text in
            ["${", "${1", "${a.}", "${(}", "${\"a}", "%{if true}a%{endif}", "${[for x in y : k => v]}", "${1 +}"]
        {
            assert!(template(text).is_err(), "{text}");
        }
        assert!(template(&format!("${{{}1{}}}", "(".repeat(100), ")".repeat(100))).is_err());
        assert!(template(&format!("${{{}true}}", "!".repeat(100))).is_err());
    }
}
