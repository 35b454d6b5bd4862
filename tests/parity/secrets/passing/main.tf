resource "aws_kms_key" "secrets" {
  description         = "Secrets of the shop"
  enable_key_rotation = true
}

resource "aws_secretsmanager_secret" "database" {
  name       = "shop/database"
  kms_key_id = aws_kms_key.secrets.arn
}

resource "aws_secretsmanager_secret_rotation" "database" {
  secret_id           = aws_secretsmanager_secret.database.id
  rotation_lambda_arn = "arn:aws:lambda:eu-west-1:111122223333:function:rotate"
  rotation_rules {
    automatically_after_days = 30
  }
}

resource "aws_secretsmanager_secret" "partner" {
  name       = "shop/partner-token"
  kms_key_id = aws_kms_key.secrets.arn
}

resource "aws_secretsmanager_secret_rotation" "partner" {
  secret_id           = aws_secretsmanager_secret.partner.id
  rotation_lambda_arn = "arn:aws:lambda:eu-west-1:111122223333:function:rotate"
  rotation_rules {
    schedule_expression = "rate(14 days)"
  }
}

resource "aws_secretsmanager_secret_policy" "partner" {
  secret_arn = aws_secretsmanager_secret.partner.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Read"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444455556666:role/checkout" }
        Action    = "secretsmanager:GetSecretValue"
        Resource  = "*"
      },
    ]
  })
}

resource "aws_ssm_parameter" "database" {
  name  = "/shop/database-password"
  type  = "String"
  value = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/database-AbCdEf"
}

resource "aws_ecs_task_definition" "checkout" {
  family = "checkout"

  volume {
    name = "receipts"

    efs_volume_configuration {
      file_system_id     = "fs-0a1b2c3d4e5f60718"
      transit_encryption = "ENABLED"
    }
  }

  container_definitions = jsonencode([
    {
      name   = "checkout"
      image  = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/checkout:4"
      memory = 512
      environment = [
        { name = "DATABASE_SECRET", value = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/database-AbCdEf" },
      ]
    },
  ])
}
