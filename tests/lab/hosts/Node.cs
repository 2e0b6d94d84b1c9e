// A node of no overlay, for tests of the runtime: it uses what Brunet's nodes use of mono, and says what failed of it.
using System;
using System.Collections;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Runtime.Remoting.Channels;
using System.Runtime.Remoting.Channels.Http;
using System.Security.Cryptography;
using System.Xml;
using Mono.Unix;
using Mono.Unix.Native;

class Node
{
    static int Main(string[] args)
    {
        if (args.Length != 2 || args[0] != "-n") return 2;
        var config = new XmlDocument();
        config.Load(args[1]);
        if (config.SelectSingleNode("NodeConfig/NodeAddress") == null)
        {
            var address = config.CreateElement("NodeAddress");
            address.InnerText = "brunet:node:" + new string('A', 32);
            config.DocumentElement.AppendChild(address);
            config.Save(args[1]);
        }
        var port = config.SelectSingleNode("NodeConfig/XmlRpcManager/Port"); // else any free one
        var properties = new Hashtable { { "port", port == null ? 0 : int.Parse(port.InnerText) }, { "bindTo", "127.0.0.1" }, { "machineName", "localhost" } };
        ChannelServices.RegisterChannel(new HttpServerChannel(properties, null), false);
        if (new RSACryptoServiceProvider(512).ExportParameters(false).Modulus.Length != 64) return 3;
        if (!NetworkInterface.GetAllNetworkInterfaces().Any(device => device.Name == "lo")) return 4;
        if (Dns.GetHostAddresses("localhost").Length == 0) return 5;
        if (Directory.GetFiles(".").Length == 0) return 6;
        var asked = new ProcessStartInfo("/bin/sh", "-c 'exit 7'") { UseShellExecute = false };
        using (var child = Process.Start(asked))
        {
            child.WaitForExit();
            if (child.ExitCode != 7) return 7;
        }
        Console.WriteLine("runs on {0}", typeof(object).Assembly.Location);
        Console.Out.Flush();
        new UnixSignal(Signum.SIGINT).WaitOne();
        Console.WriteLine("left");
        return 0;
    }
}
