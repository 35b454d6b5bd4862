data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "invoices" {
  name                 = "invoices-function"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 43200
}

resource "aws_iam_role_policy_attachment" "everything" {
  role       = aws_iam_role.invoices.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_role_policy" "quick_fix" {
  name = "quick-fix"
  role = aws_iam_role.invoices.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "*", Resource = "*" },
      { Effect = "Allow", NotAction = ["organizations:*"], Resource = "*" },
      { Effect = "Allow", Action = ["s3:GetObject"], NotResource = ["arn:aws:s3:::acme-payroll/*"] },
    ]
  })
}

resource "aws_iam_policy" "invoices" {
  name = "invoices-access"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Invoices"
        Effect   = "Allow"
        Action   = ["dynamodb:*"]
        Resource = "arn:aws:dynamodb:eu-west-1:111122223333:table/invoices"
      },
      {
        Sid      = "Key"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = "arn:aws:kms:eu-west-1:111122223333:key/*"
      },
    ]
  })
}

resource "aws_lambda_function" "invoices" {
  function_name = "invoices"
  role          = aws_iam_role.invoices.arn
  runtime       = "python3.13"
  handler       = "app.handler"
  s3_bucket     = "acme-artifacts"
  s3_key        = "invoices/1.4.2.zip"
  timeout       = 30

  environment {
    variables = {
      TABLE         = "invoices"
      SMTP_PASSWORD = "hunter2"
    }
  }
}

resource "aws_lambda_permission" "caller" {
  statement_id  = "caller"
  function_name = aws_lambda_function.invoices.function_name
  action        = "lambda:InvokeFunction"
  principal     = "*"
}

resource "aws_lambda_function_url" "invoices" {
  function_name      = aws_lambda_function.invoices.function_name
  authorization_type = "NONE"
}
