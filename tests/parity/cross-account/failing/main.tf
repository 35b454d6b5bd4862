data "aws_iam_policy_document" "partner" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::555566667777:root"]
    }
  }
}

resource "aws_iam_role" "partner" {
  name               = "partner-audit"
  assume_role_policy = data.aws_iam_policy_document.partner.json
}

resource "aws_iam_role" "deploy" {
  name = "github-deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringLike = { "token.actions.githubusercontent.com:sub" = "repo:*" }
      }
    }]
  })
}

resource "aws_iam_role" "operators" {
  name = "operators"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::444455556666:root" }
    }]
  })
}

resource "aws_iam_role" "reporting" {
  name = "reporting"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      NotAction = "sts:TagSession"
      Principal = { AWS = "*" }
    }]
  })
}

resource "aws_kms_key" "exchange" {
  description         = "Files exchanged with other accounts"
  enable_key_rotation = false
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Own", Effect = "Allow", Principal = { AWS = "arn:aws:iam::444455556666:root" }, Action = "kms:*", Resource = "*" },
      { Sid = "Partner", Effect = "Allow", Principal = { AWS = "arn:aws:iam::555566667777:root" }, Action = "kms:Decrypt", Resource = "*" },
      { Sid = "All", Effect = "Allow", Principal = "*", Action = "kms:Encrypt", Resource = "*" },
    ]
  })
}

# The bucket belongs to another stack.
resource "aws_s3_bucket_policy" "exchange" {
  bucket = "acme-exchange"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Partner", Effect = "Allow", Principal = { AWS = ["555566667777"] }, Action = "s3:GetObject", Resource = "arn:aws:s3:::acme-exchange/out/*" },
      { Sid = "Drop", Effect = "Allow", Principal = { AWS = "*" }, Action = "s3:PutObject", Resource = "arn:aws:s3:::acme-exchange/in/*" },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "partner" {
  role       = aws_iam_role.partner.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}

resource "aws_iam_role_policy_attachment" "deploy" {
  role       = aws_iam_role.deploy.name
  policy_arn = "arn:aws:iam::aws:policy/AWSCodeDeployDeployerAccess"
}

resource "aws_iam_role_policy_attachment" "operators" {
  role       = aws_iam_role.operators.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role_policy_attachment" "reporting" {
  role       = aws_iam_role.reporting.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
