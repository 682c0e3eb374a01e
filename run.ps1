# Runs MemoryAspire on Windows, with the .NET SDK 10 and a container engine (Docker Desktop or Podman).
param(
    [switch]$Status,
    [switch]$Json
)
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

if (-not (Get-Command dotnet -ErrorAction SilentlyContinue) -or -not (dotnet --list-sdks | Select-String '^10\.')) {
    throw 'The .NET SDK 10 is missing. Install it: winget install Microsoft.DotNet.SDK.10'
}

$hostAssembly = 'MemoryAspire.AppHost/bin/Release/net10.0/MemoryAspire.AppHost.dll'
if ($Status) {
    if (-not (Test-Path $hostAssembly)) { dotnet build MemoryAspire.AppHost -c Release -v quiet -nologo }
    if ($Json) { dotnet exec $hostAssembly --status --json } else { dotnet exec $hostAssembly --status }
    exit $LASTEXITCODE
}

docker info *> $null
if ($LASTEXITCODE -ne 0) {
    podman info *> $null
    if ($LASTEXITCODE -ne 0) { throw 'No container engine answers. Start Docker Desktop or Podman: PostgreSQL, Redis and the index run in containers here.' }
}

# The real Aspire packages run the containers.
dotnet run --project MemoryAspire.AppHost -c Release -p:UseAspire=true
exit $LASTEXITCODE
