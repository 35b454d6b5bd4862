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
  max_session_duration = 3600
  permissions_boundary = "arn:aws:iam::111122223333:policy/acme-boundary"
}

resource "aws_iam_role_policy_attachment" "network" {
  role       = aws_iam_role.invoices.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
}

resource "aws_iam_policy" "invoices" {
  name = "invoices-access"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Invoices"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:PutItem"]
        Resource = "arn:aws:dynamodb:eu-west-1:111122223333:table/invoices"
      },
      {
        Sid      = "Key"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = "arn:aws:kms:eu-west-1:111122223333:key/5b95076d-bf84-439e-a4bd-2ce5d03f7a46"
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
  kms_key_arn   = "arn:aws:kms:eu-west-1:111122223333:key/3c4d5e6f-7081-4293-a4b5-c6d7e8f90123"

  environment {
    variables = {
      TABLE       = "invoices"
      SMTP_SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:smtp-AbCdEf"
    }
  }

  vpc_config {
    subnet_ids         = ["subnet-0a51c2d3e4f506172", "subnet-0b61d2e3f40516283"]
    security_group_ids = ["sg-0f1e2d3c4b5a69788"]
  }
}

resource "aws_lambda_permission" "caller" {
  statement_id  = "caller"
  function_name = aws_lambda_function.invoices.function_name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = "arn:aws:events:eu-west-1:111122223333:rule/nightly"
}

resource "aws_lambda_function_url" "invoices" {
  function_name      = aws_lambda_function.invoices.function_name
  authorization_type = "AWS_IAM"
}
