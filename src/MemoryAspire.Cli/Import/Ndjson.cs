using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace MemoryAspire.Cli.Import;

/// <summary>
/// One JSON object per line: the body of a create, or a memory as the API gives it, of which the fields that only the
/// service can set are left out. Lines are taken one by one, so that a file of any size fits.
/// </summary>
internal static class Ndjson
{
    /// <summary>No memory is longer, whatever its escapes.</summary>
    private const int LineLengthMax = 4 * 1024 * 1024;

    private static readonly HashSet<string> ServiceFields = ["id", "version", "createdAt", "updatedAt"];
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static async Task<ImportSource> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var lines = 0;
        await foreach (var _ in LinesAsync(path, cancellationToken)) lines++;
        return new(lines, ItemsAsync(path, cancellationToken));
    }

    private static async IAsyncEnumerable<ImportItem> ItemsAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (number, line) in LinesAsync(path, cancellationToken)) yield return Parse($"line {number}", line);
    }

    public static ImportItem Parse(string at, ReadOnlyMemory<byte> line)
    {
        if (!Utf8.IsValid(line.Span)) return ImportItem.Wrong(at, "not UTF-8");
        try
        {
            using var document = JsonDocument.Parse(line, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return ImportItem.Wrong(at, "not a JSON object");
            var body = new ArrayBufferWriter<byte>(line.Length);
            using var writer = new Utf8JsonWriter(body);
            writer.WriteStartObject();
            foreach (var field in document.RootElement.EnumerateObject().Where(field => !ServiceFields.Contains(field.Name)))
            {
                // The service measures what is sent: it gets the bytes that stand in the file.
                writer.WritePropertyName(field.Name);
                writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(field.Value), skipInputValidation: true);
            }

            writer.WriteEndObject();
            writer.Flush();
            return new(at, body.WrittenMemory);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter: a field's name that is half a character, as escapes can say.
            return ImportItem.Wrong(at, $"not JSON: {exception.Message}");
        }
    }

    /// <summary>The lines that hold anything, numbered from 1 as an editor would.</summary>
    private static async IAsyncEnumerable<(int Number, byte[] Line)> LinesAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(File.OpenRead(path));
        try
        {
            ReadResult read;
            var number = 0;
            do
            {
                read = await reader.ReadAsync(cancellationToken);
                var rest = read.Buffer;
                while (TryTakeLine(ref rest, read.IsCompleted, out var line))
                {
                    number++;
                    if (Trim(line, number) is { Length: > 0 } trimmed) yield return (number, trimmed);
                }

                if (rest.Length > LineLengthMax) throw new UsageException($"{path}: line {number + 1} is longer than {LineLengthMax} bytes.");
                reader.AdvanceTo(rest.Start, rest.End);
            }
            while (!read.IsCompleted);
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> rest, bool isLast, out byte[] line)
    {
        line = [];
        var end = rest.PositionOf((byte)'\n');
        if (end is null && (!isLast || rest.IsEmpty)) return false;
        line = rest.Slice(0, end ?? rest.End).ToArray();
        rest = rest.Slice(end is { } newline ? rest.GetPosition(1, newline) : rest.End);
        return true;
    }

    private static byte[] Trim(ReadOnlySpan<byte> line, int number)
    {
        if (number == 1 && line.StartsWith("\uFEFF"u8)) line = line[3..];
        return line.Trim(" \t\r"u8).ToArray();
    }
}
